"""Leads: what their scores foretell, the way to a customer who stays, and who recommends."""

from helpers.beliefs.belief import SESOI_SHARES, Belief
from helpers.leads.exhibits import EXHIBITS as EXHIBITS

STAGES = {"lead_tables": "helpers.leads.tables:lead_tables"}
TUNED_BY = {"lead_tables": "09_leads"}
FILES = {"open_leads.csv": "lead_tables.open_leads"}
BELIEFS = (
    Belief("lead_score", "leads", "lead", 0.05, "leads.activity leads.converted_at",
           "helpers.leads.lead_score:lead_score"),
    Belief("referral_satisfaction", "leads", "respondent", SESOI_SHARES,
           "survey.nps survey.customer_id customers.referred_by", "helpers.leads.referral:referral_satisfaction"),
)  # fmt: skip
CARD_CLAIMS = ("helpers.leads.referral:for_cards",)
PUBLISHED = ("helpers.leads.known_scores:figures",)
