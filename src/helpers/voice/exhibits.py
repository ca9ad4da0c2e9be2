"""What notebook 05 shows."""

from helpers.report.exhibits import Exhibit

_OURS = "helpers.voice.findings"
EXHIBITS = {
    "voice.codes": Exhibit(by=f"{_OURS}:codes_frame"),
    "voice.codes_drawn": Exhibit(
        by=f"{_OURS}:codes_by_handle", draw="helpers.report.figures:plot_codes", largest=("share", "handle", "says")
    ),
    "voice.apart": Exhibit(by=f"{_OURS}:apart_frame"),
    "voice.words": Exhibit(by=f"{_OURS}:of_words"),
    "voice.intents": Exhibit(by=f"{_OURS}:intents_frame"),
    "voice.coding": Exhibit(by=f"{_OURS}:of_coding"),
    "voice.agreement": Exhibit("coding.agreement"),
    "voice.interviews": Exhibit(by=f"{_OURS}:of_interviews"),
    "voice.interview_codes": Exhibit("interviews.codes"),
}
