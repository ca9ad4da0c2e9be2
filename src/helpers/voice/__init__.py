"""What people say in their own words: open answers and interviews, coded by a codebook, and quotes."""

from helpers.voice.exhibits import EXHIBITS as EXHIBITS

STAGES = {
    "coding": "helpers.voice.coding:code_answers",
    "interviews": "helpers.voice.interviews:hear_interviews",
    "voice": "helpers.voice.voice:hear",
}
ANSWERS = {"05_voice": "helpers.voice.findings:answer"}
FILES = {
    "coding_sheet.csv": "helpers.voice.findings:coding_sheet",
    "suggestions.csv": "helpers.voice.findings:suggestions",
}
CARD_CLAIMS = ("helpers.voice.voice:for_cards",)
CHECKS = ("helpers.voice.findings:amiss",)
