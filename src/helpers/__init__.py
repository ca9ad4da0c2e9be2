"""Research notebooks' helpers: one way from a study to persona cards.

study -> tables -> customers and voice -> personas -> hypotheses -> cards -> report
"""
