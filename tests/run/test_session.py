"""What a notebook's session shows of what its parameters ask for."""

import pandas as pd
import pytest

from helpers.contracts import StudyError
from helpers.files import write_json
from helpers.report.exhibits import Exhibit
from helpers.run import session as sessions
from helpers.run.parameters import notebooks_folder
from helpers.run.stages import Session, tunables_file
from helpers.study import Study
from helpers.words import Words

STUDY = Study.model_validate({"study": "s", "tables": {"survey": {"path": "s.csv"}}})
ITEMS = pd.DataFrame({"item": ["diet: vegan", "diet: none", "age"], "kind": ["tick", "tick", "number"]})
ASKED = Exhibit("survey.items", only={"questions": "item", "kinds": "kind"})


def asked(tmp_path, **tunables):
    return Session("03_survey", STUDY, tmp_path, tunables)


def rows(session, frame=ITEMS):
    return sessions._asked_for(session, ASKED, frame)["item"].tolist()


def test_only_what_is_named_is_shown_and_all_where_nothing_is(tmp_path):
    assert rows(asked(tmp_path)) == rows(asked(tmp_path, questions=[], kinds=[])) == ITEMS["item"].tolist()
    assert rows(asked(tmp_path, questions=["diet"])) == ["diet: vegan", "diet: none"]  # with all of its options
    assert rows(asked(tmp_path, questions=["diet"], kinds=["number"])) == []


def test_a_name_that_is_nowhere_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(StudyError, match=r'03_survey\.questions: there is no "diett"; did you mean "diet"'):
        rows(asked(tmp_path, questions=["diett"]))


def test_a_later_table_may_lack_what_an_earlier_one_has(tmp_path):
    session = asked(tmp_path, questions=["age"])
    assert rows(session) == ["age"]
    assert rows(session, ITEMS.head(2)) == []


def test_what_was_changed_is_told_in_the_notebook_and_of_all_of_them(tmp_path):
    files = [notebooks_folder() / f"{name}.ipynb" for name in ("02_customers", "08_channels")]
    write_json(tunables_file(tmp_path, "02_customers"), {"grain": "week", "channels": [], "top_share": 0.2})
    write_json(tunables_file(tmp_path, "08_channels"), {"places": ["Almaty", "Astana"]})
    own = sessions.changed(Session("02_customers", STUDY, tmp_path, {}), files[:1])
    assert Words().tell(own) == "Parameters that are not at their defaults: grain is week and not month."
    every = Words().tell(sessions.changed(Session("", STUDY, tmp_path, {}), files))
    assert "02_customers.grain" in every
    assert "08_channels.places" in every
    assert "Almaty, Astana" in every
    write_json(tunables_file(tmp_path, "02_customers"), {"grain": "month"})
    assert sessions.changed(Session("02_customers", STUDY, tmp_path, {}), files[:1]) == ""
