"""Recipes for schedulers, each run or checked by what would run it, with a ``personas`` that ends as it is told."""

import ast
import datetime as dt
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import types
from pathlib import Path

import pytest
import yaml

from helpers.contracts import StudyError
from helpers.run.unattended.schedule import DAYS, Recipe, skipped_day, write_recipe
from helpers.study import Study

FAKE = """#!/bin/sh
echo "$@" >> {folder}/calls
case $1 in
run) echo "01_data_quality done"; echo "personas: it went wrong" >&2; exit $(cat {folder}/code) ;;
letter)
    case " $* " in
    *" --json "*) echo '{{"verdict": "drift"}}' ;;
    *) printf 'personas shop: told\\n\\nbody\\n' ;;
    esac ;;
esac
"""


class Place:
    """A folder with a blank, a quote and a percent sign in its name, a study, and a fake ``personas``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "Ann's 100% data"
        (self.folder / "bin").mkdir(parents=True)
        (self.folder / "orders.csv").write_text("id\n")
        (self.folder / "study.yml").write_text("study: shop\n")
        self.command = self.folder / "bin" / "personas"
        self.command.write_text(FAKE.format(folder=shlex.quote(str(self.folder))))
        self.command.chmod(0o755)
        content = {"study": "shop", "tables": {"sales": {"path": "orders.csv"}}, "path": self.folder / "study.yml"}
        self.study = Study.model_validate(content, strict=False)

    def write(self, system: str, every: str = "monday", at: str = "05:15", **changes: object) -> dict[str, str]:
        recipe = Recipe(every, at, system, **{"command": (str(self.command),), "folder": self.folder} | changes)
        return write_recipe(self.study, recipe, self.folder / "recipe")[0]

    def ends_with(self, code: int) -> None:
        (self.folder / "code").write_text(str(code))
        (self.folder / "calls").unlink(missing_ok=True)

    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def sh(line: str, **options: object) -> subprocess.CompletedProcess:
    return subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, timeout=30, **options)


# --- cron --------------------------------------------------------------------------------------------------------


def cron_line(text: str) -> tuple[str, str]:
    """The five fields and the command as cron gives it to the shell: an escaped percent sign is one."""
    line = next(line for line in text.splitlines() if line[:1].isdigit())
    fields = re.match(r"((?:\S+ ){5})(.*)", line)
    assert not re.search(r"(?<!\\)%", fields[2])  # would end the command
    return fields[1].strip(), fields[2].replace(r"\%", "%")


def test_cron_is_silent_when_it_went_well(place):
    when, command = cron_line(place.write("cron")["personas-shop.cron"])
    place.ends_with(0)
    ended = sh(command, cwd="/")
    assert (when, ended.returncode, ended.stdout, ended.stderr) == ("15 5 * * 1", 0, "", "")
    assert place.calls() == [f"run {place.study.path} --timeout 3600 --fail-on-drift"]


@pytest.mark.parametrize("code", [1, 3, 4, 73, 124])
def test_cron_has_something_to_mail_for_failure_and_for_drift(place, code):
    _, command = cron_line(place.write("cron")["personas-shop.cron"])
    place.ends_with(code)
    ended = sh(command, cwd="/")
    assert (ended.returncode, ended.stdout) == (code, "personas shop: told\n\nbody\n")
    assert re.fullmatch(rf"letter .*study\.yml --code {code} --said /\S+", place.calls()[1])


def test_cron_mails_even_when_the_letter_cannot_be_written(place):
    _, command = cron_line(place.write("cron")["personas-shop.cron"])
    place.command.write_text("#!/bin/sh\necho broken environment\nexit 126\n")
    ended = sh(command, cwd="/")
    assert ended.returncode == 126
    assert ended.stdout.startswith("personas shop: ended with 126, and the letter could not be written")
    assert "broken environment" in ended.stdout


@pytest.mark.parametrize(("moved", "told"), [("", "the script that tells it is gone"), ("recipe", "is gone")])
def test_cron_tells_that_the_folder_is_gone(place, tmp_path, moved, told):
    """The whole folder with the recipe in it, but for the script that cron calls; or all but the recipe."""
    script = place.write("cron")["personas-shop.sh"]
    place.ends_with(0)
    place.folder.rename(tmp_path / "moved")
    if moved:
        (place.folder / moved).parent.mkdir()
        (tmp_path / "moved" / moved).rename(place.folder / moved)
        place.folder = place.folder.rename(tmp_path / "recipes")
        script = script.replace("Ann'\"'\"'s 100% data/recipe", "recipes/recipe")
    ended = sh(script, cwd="/")
    assert (ended.returncode, ended.stdout.count("personas shop: ended with 2")) == (2, 1)
    assert told in ended.stdout


def test_cron_tells_of_a_folder_that_cannot_be_written(place):
    _, command = cron_line(place.write("cron")["personas-shop.cron"])
    place.ends_with(0)
    (place.folder / "runs").write_text("a file")
    ended = sh(command, cwd="/")
    assert (ended.returncode, ended.stdout.splitlines()[0]) == (73, "personas shop: told")
    assert re.fullmatch(r"letter .*study\.yml --code 73 --said \S+", place.calls()[0])


def test_a_study_that_moved_is_told_beside_what_it_published(place):
    _, command = cron_line(place.write("cron")["personas-shop.cron"])
    place.ends_with(2)
    place.study.path.unlink()
    sh(command, cwd="/")
    assert " --out personas/shop --runs runs/shop --code 2 " in place.calls()[1]


@pytest.mark.skipif(not shutil.which("flock"), reason="no flock here")
def test_what_outlives_a_run_does_not_keep_cron_s_lock_and_no_file_is_left(place, tmp_path):
    _, command = cron_line(place.write("cron")["personas-shop.cron"])
    place.ends_with(0)
    place.command.write_text("#!/bin/sh\nsleep 60 >/dev/null 2>&1 &\necho $! > stray\n")
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    try:
        assert [sh(command, cwd="/", env=environment).returncode for _ in range(2)] == [0, 0]
    finally:
        os.kill(int((place.folder / "stray").read_text()), 9)
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith("tmp")] == []


@pytest.mark.skipif(not shutil.which("flock"), reason="no flock here")
def test_cron_does_not_start_a_second_run_beside_one_that_hangs(place):
    _, command = cron_line(place.write("cron")["personas-shop.cron"])
    place.ends_with(0)
    lock = place.folder / "runs" / ".shop.schedule.lock"
    lock.parent.mkdir()
    with subprocess.Popen(["flock", str(lock), "sh", "-c", "echo held; read x"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as holder:  # fmt: skip
        assert holder.stdout.readline() == "held\n"
        ended = sh(command, cwd="/")
        holder.communicate("\n")
    assert (ended.returncode, [call.split()[0] for call in place.calls()]) == (75, ["letter"])


def test_a_mail_goes_to_who_is_named_and_never_to_whom_another_study_has_named(place):
    assert "MAILTO=team@example.org\n" in place.write("cron", to="team@example.org")["personas-shop.cron"]
    assert re.search(r"^MAILTO=\S+$", place.write("cron")["personas-shop.cron"], re.MULTILINE)


@pytest.mark.parametrize(
    ("every", "cron", "calendar"),
    [
        ("day", "0 23 * * *", "*-*-* 23:00:00"),
        ("Sunday", "0 23 * * 0", "Sun *-*-* 23:00:00"),
        ("month", "0 23 1 * *", "*-*-01 23:00:00"),
    ],
)
def test_days_and_times(place, every, cron, calendar):
    assert cron_line(place.write("cron", every, "23:00")["personas-shop.cron"])[0] == cron
    assert f"OnCalendar={calendar}\n" in place.write("systemd", every, "23:00")["personas-shop.timer"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"every": "mondy"}, {"at": "25:00"}, {"at": "5"}, {"webhook": "ftp://x"}, {"to": "a\nb"}, {"memory": "lots"},
        {"memory": "1G\nUser=root"}, {"memory": "4"}, {"memory": "0"}, {"memory": "0%"}, {"memory": "511M"},
        {"to": "-oQ/tmp@x"}, {"to": "a@x; rm -r /"}, {"to": "Ann <a@x>"}, {"folder": Path("/no\udcff utf-8")},
    ],
)  # fmt: skip
def test_what_no_scheduler_would_understand_is_refused(place, wrong):
    with pytest.raises(StudyError, match=re.escape(next(iter(wrong)))):
        place.write("systemd", **wrong)


def test_github_ends_a_job_after_six_hours(place):
    place.write("github", timeout=20_400)
    place.write("cron", timeout=90_000)
    with pytest.raises(StudyError, match="at most 20400"):
        place.write("github", timeout=20_401)


def test_who_has_no_name_stands_by_a_number(place, monkeypatch):
    def nameless():
        raise KeyError("getpwuid(): uid not found: 54321")

    monkeypatch.setattr("helpers.run.unattended.schedule.getpass.getuser", nameless)
    assert f"User={os.getuid()}\n" in place.write("systemd")["personas-shop.service"]


@pytest.fixture
def berlin(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("every", "hour", "minute", "day"),
    [
        ("day", 2, 30, "2026-03-29"),
        ("sunday", 2, 0, "2026-03-29"),
        ("day", 1, 59, None),
        ("day", 3, 0, None),
        ("day", 5, 15, None),
        ("monday", 2, 30, None),
        ("month", 2, 30, None),
    ],
)
def test_the_day_on_which_clocks_are_put_forward_over_the_time_is_told(berlin, every, hour, minute, day):
    """Of Berlin's year from December 2025: 29 March at 2 clocks show 3; in the night of 25 October 2:30 comes twice."""
    found = skipped_day(every, hour, minute, dt.date(2025, 12, 1))
    assert (found and found.isoformat()) == day


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_leaves_that_day_out_indeed(berlin):
    line = ["systemd-analyze", "calendar", "--iterations=2", "--base-time=2026-03-28 00:00"]
    asked = subprocess.run([*line, "*-*-* 02:30:00"], capture_output=True, text=True, check=True)
    assert re.findall(r": \w{3} (2026-\d\d-\d\d) 02:30:00 CES?T", asked.stdout) == ["2026-03-28", "2026-03-30"]


def test_what_would_keep_a_letter_from_anybody_is_told(place, monkeypatch):
    def keys(system: str, out: Path | None = place.folder / "recipe", **changes: object) -> set[str]:
        recipe = Recipe("monday", "05:15", system, command=("personas",), folder=place.folder, **changes)
        return {told.key for told in write_recipe(place.study, recipe, out)[1]}

    monkeypatch.setattr("shutil.which", lambda name: None)
    clock = "schedule.zone.local"
    assert keys("cron", None) == {"schedule.printed", "schedule.next.cron", clock}
    assert keys("cron", to="a@x") == {"schedule.next.cron", clock}
    assert keys("cron", webhook="https://x") == {"schedule.next.cron", clock, "schedule.no_curl"}
    assert keys("systemd") == {"schedule.next.systemd", clock, "schedule.nobody.systemd"}
    assert keys("systemd", to="a@x") == {"schedule.next.systemd", clock, "schedule.no_mail"}
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    assert keys("systemd", to="a@x") == {"schedule.next.systemd", clock}


# --- mail and webhook --------------------------------------------------------------------------------------------


def with_programs(place: Place, **programs: str) -> dict[str, str]:
    for name, text in programs.items():
        (place.folder / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
        (place.folder / "bin" / name).chmod(0o755)
    return os.environ | {"PATH": f"{place.folder / 'bin'}:{os.environ['PATH']}"}


def test_systemd_mails_subject_and_body(place):
    place.write("systemd", to="team@example.org")
    environment = with_programs(place, mail='echo "$@"; cat')
    script = place.folder / "recipe" / "personas-shop-tell.sh"
    ended = subprocess.run(["/bin/sh", str(script), "4"], capture_output=True, text=True, env=environment)
    assert ended.stdout == "-s personas shop: told team@example.org\npersonas shop: told\n\nbody\n"


def test_a_webhook_gets_the_letter_as_json(place):
    place.write("cron", webhook="https://example.org/hook?a=1&b=2")
    environment = with_programs(place, curl='for last; do :; done; echo "$last" >&2; cat >&2')
    script = place.folder / "recipe" / "personas-shop-tell.sh"
    ended = subprocess.run(["/bin/sh", str(script), "4"], capture_output=True, text=True, env=environment)
    assert ended.stdout == ""
    assert ended.stderr == 'https://example.org/hook?a=1&b=2\n{"verdict": "drift"}\n'


def test_a_webhook_gets_json_even_when_the_letter_cannot_be_written(place):
    place.write("cron", webhook="https://example.org/hook")
    environment = with_programs(place, curl="cat >&2")
    place.command.write_text("#!/bin/sh\nexit 126\n")
    script = place.folder / "recipe" / "personas-shop-tell.sh"
    ended = subprocess.run(["/bin/sh", str(script), "126"], capture_output=True, text=True, env=environment)
    told = json.loads(ended.stderr)
    assert (told["study"], told["verdict"], told["code"]) == ("shop", "failed", 126)


def test_a_signal_s_name_is_no_exit_code(place):
    place.write("systemd")
    place.ends_with(0)
    script = place.folder / "recipe" / "personas-shop-tell.sh"
    subprocess.run(["/bin/sh", str(script)], env=os.environ | {"MONITOR_EXIT_STATUS": "KILL"}, check=True)
    assert place.calls() == [f"letter {place.study.path}"]


# --- systemd -----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_finds_nothing_wrong_with_the_units(place):
    place.write("systemd")
    units = [str(file) for file in (place.folder / "recipe").glob("personas-*.[st]*") if file.suffix != ".sh"]
    assert len(units) == 3
    environment = os.environ | {"SYSTEMD_UNIT_PATH": f"{place.folder / 'recipe'}:"}
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, env=environment
    )
    ours = [line for line in checked.stderr.splitlines() if "personas-shop" in line]
    assert (checked.returncode, ours) == (0, [])


def test_systemd_sees_drift_apart_and_limits_a_run(place):
    unit = place.write("systemd", timeout=600, memory="2G")["personas-shop.service"]
    assert {
        "SuccessExitStatus=4",
        "MemoryMax=2G",
        "TimeoutStartSec=900",
        "OnFailure=personas-shop-failed.service",
    } <= set(unit.splitlines())
    told = next(line for line in unit.splitlines() if line.startswith("ExecStopPost="))
    line = told.partition("=")[2].replace("$$", "$").replace("%%", "%")
    for code, calls in ((0, []), (1, []), (4, [f"letter {place.study.path} --code 4"])):
        place.ends_with(0)
        (place.folder / "calls").touch()
        assert sh(line, env=os.environ | {"EXIT_STATUS": str(code)}).returncode == 0
        assert place.calls() == calls


def test_systemd_tells_of_a_folder_that_is_gone(place, tmp_path):
    """The unit that tells wants no folder to start in, and mails also where its script has gone with it."""
    unit = place.write("systemd", to="team@example.org")["personas-shop-failed.service"]
    assert "WorkingDirectory" not in unit
    told = next(line for line in unit.splitlines() if line.startswith("ExecStart="))
    line = told.partition("=")[2].replace("$$", "$").replace("%%", "%")
    environment = with_programs(place, mail='echo "$@"; cat') | {"MONITOR_EXIT_STATUS": "200"}
    (tmp_path / "bin").mkdir()
    (place.folder / "bin" / "mail").rename(tmp_path / "bin" / "mail")
    place.folder.rename(tmp_path / "moved")
    ended = sh(line, cwd="/", env=environment | {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"})
    assert ended.stdout.startswith("-s personas shop: was not run team@example.org\n"), ended.stderr
    assert "personas-shop-tell.sh is gone; make the recipe anew" in ended.stdout


def test_units_catch_up_after_a_night_off_and_end_the_runner_before_its_guard(place):
    """Of mixed killing only the runner gets the first signal: it ends its kernels and closes its manifest."""
    units = place.write("systemd", timeout=600)
    assert "\nPersistent=true\n" in units["personas-shop.timer"]
    assert {"KillMode=mixed", "TimeoutStopSec=60"} <= set(units["personas-shop.service"].splitlines())


def test_a_mailer_with_rights_of_its_own_can_be_called_after_a_run(place):
    """Postfix and Exim hand on letters by setgid and setuid programs, which NoNewPrivileges= would disarm."""
    assert "\nNoNewPrivileges=yes" not in place.write("systemd")["personas-shop.service"]


# --- airflow -----------------------------------------------------------------------------------------------------


class Fails(Exception):
    """Airflow's exception that is not tried again."""


def airflow_in_small(tried: types.SimpleNamespace) -> dict[str, types.ModuleType]:
    """As much of Airflow as a DAG of functions needs: tasks that run where they are called, with their retries."""

    def task(**options):
        def made(function):
            def call(*given):
                if "ti" not in function.__code__.co_varnames[: function.__code__.co_argcount]:
                    return function(*given)
                for number in range(1, options["retries"] + 2):
                    tried.times = number
                    try:
                        return function(
                            *given, ti=types.SimpleNamespace(try_number=number, max_tries=options["retries"])
                        )
                    except Fails:
                        raise
                    except RuntimeError as fault:
                        last = fault
                raise last

            return call

        return made

    sdk, exceptions = types.ModuleType("airflow.sdk"), types.ModuleType("airflow.sdk.exceptions")
    sdk.task, sdk.dag = task, lambda **options: lambda function: function
    exceptions.AirflowFailException = Fails
    return {"airflow": types.ModuleType("airflow"), "airflow.sdk": sdk, "airflow.sdk.exceptions": exceptions}


@pytest.mark.parametrize(
    ("code", "raises", "tries", "letters"),
    [
        (0, None, 1, 0),
        (4, Fails, 1, 1),
        (2, Fails, 1, 1),
        (3, Fails, 1, 1),
        (1, RuntimeError, 3, 1),
        (75, RuntimeError, 3, 1),
    ],
)  # fmt: skip
def test_airflow_tries_again_what_may_go_better_and_tells_once(place, monkeypatch, code, raises, tries, letters):
    text = place.write("airflow")["personas_shop.py"]
    ast.parse(text, feature_version=(3, 9))
    tried = types.SimpleNamespace(times=0)
    for name, module in airflow_in_small(tried).items():
        monkeypatch.setitem(sys.modules, name, module)
    place.ends_with(code)
    try:
        exec(compile(text, "personas_shop.py", "exec"), {"__name__": "dag"})  # as Airflow does with a file of DAGs
        ended = None
    except (Fails, RuntimeError) as fault:
        ended = type(fault)
    assert (ended, tried.times) == (raises, tries)
    assert sum(call.startswith("letter") for call in place.calls()) == letters


def test_airflow_lets_a_run_end_by_itself_and_makes_up_for_nothing(place):
    """600 seconds of the run's own, then the task's hand on it, then Airflow's on the task."""
    text = place.write("airflow", timeout=600)["personas_shop.py"]
    found = (r'"--timeout", "(\d+)"', r"cwd=FOLDER, timeout=(\d+)", r"execution_timeout=\S+seconds=(\d+)")
    own, task, last = (int(re.search(each, text)[1]) for each in found)
    assert (own, task, last) == (600, 780, 900)
    assert re.search(r"^    catchup=False,$", text, re.MULTILINE)


def test_airflow_tells_when_the_command_is_gone(place, monkeypatch, capsys):
    text = place.write("airflow")["personas_shop.py"]
    for name, module in airflow_in_small(types.SimpleNamespace()).items():
        monkeypatch.setitem(sys.modules, name, module)
    place.command.unlink()
    with pytest.raises(RuntimeError, match="exit code 127"):
        exec(compile(text, "personas_shop.py", "exec"), {"__name__": "dag"})
    assert "personas shop: ended with 127" in capsys.readouterr().out  # the log of the task


@pytest.mark.slow
def test_airflow_itself_runs_it(place, tmp_path):
    """In the Python that AIRFLOW_PYTHON names, or this one; a database of its own."""
    python = os.environ.get("AIRFLOW_PYTHON", sys.executable)
    if subprocess.run([python, "-c", "import airflow.sdk"], capture_output=True).returncode:
        pytest.skip("no Airflow here: pip install apache-airflow, or name a Python that has it in AIRFLOW_PYTHON")
    place.write("airflow")
    file = place.folder / "recipe" / "personas_shop.py"
    environment = os.environ | {"AIRFLOW_HOME": str(tmp_path / "airflow"), "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
                                "AIRFLOW__CORE__DAGS_FOLDER": str(file.parent), "PYTHONPATH": ""}  # fmt: skip
    subprocess.run([python, "-m", "airflow", "db", "migrate"], env=environment, check=True, capture_output=True)
    for code, state in ((0, {"run": "success", "drift": "success"}), (4, {"run": "success", "drift": "failed"}),
                        (3, {"run": "failed", "drift": "upstream_failed"})):  # fmt: skip
        place.ends_with(code)
        shown = "print({t.task_id: str(t.state.value if hasattr(t.state, 'value') else t.state) for t in found})"
        script = (
            f"import runpy, json; made = runpy.run_path({str(file)!r}, run_name='dag')['made']\n"
            f"found = made.test().get_task_instances()\n{shown}"
        )
        ended = subprocess.run([python, "-c", script], env=environment, capture_output=True, text=True, timeout=300)
        assert ast.literal_eval(ended.stdout.splitlines()[-1]) == state, ended.stderr[-3000:]


# --- github ------------------------------------------------------------------------------------------------------


def test_the_workflow_loads_and_its_steps_map_the_exit_codes(place, tmp_path):
    files = place.write("github", webhook="https://example.org/hook")
    flow = yaml.safe_load(files[".github/workflows/personas-shop.yml"])
    assert flow[True]["schedule"] == [{"cron": "15 5 * * 1"}]  # YAML reads "on" as a boolean; GitHub does not
    assert flow["jobs"]["drift"]["if"] == "needs.run.outputs.code == '4'"
    for job in flow["jobs"].values():
        assert {"runs-on", "steps"} <= job.keys()
        assert all(("run" in step) != ("uses" in step) for step in job["steps"])
    step = next(step["run"] for step in flow["jobs"]["run"]["steps"] if step.get("id") == "run")
    environment = with_programs(place, curl="cat > posted") | {
        "GITHUB_OUTPUT": "output",
        "GITHUB_STEP_SUMMARY": "summary",
    }
    for code, returned in ((0, 0), (4, 0), (3, 1)):
        place.ends_with(code)
        folder = tmp_path / f"checkout{code}"
        folder.mkdir()
        ended = subprocess.run(["bash", "-e", "-c", step], cwd=folder, env=environment, capture_output=True, text=True)
        assert (ended.returncode, (folder / "output").read_text()) == (returned, f"code={code}\n"), ended.stderr
        assert (folder / "summary").is_file() == (code != 0)
        if code:
            assert json.loads((folder / "posted").read_text()) == {"verdict": "drift"}


def test_github_finds_the_study_and_the_workflow_at_the_repository_s_root(place, tmp_path):
    (tmp_path / ".git").mkdir()
    recipe = Recipe("monday", "05:15", "github", folder=place.folder)
    files, told = write_recipe(place.study, recipe, place.folder)
    flow = yaml.safe_load(next(iter(files.values())))
    step = next(step["run"] for step in flow["jobs"]["run"]["steps"] if step.get("id") == "run")
    assert shlex.split(step)[3:5] == ["Ann's 100% data/study.yml", "--timeout"]
    assert "schedule.root" in {line.key for line in told}
    assert "schedule.root" not in {line.key for line in write_recipe(place.study, recipe, tmp_path)[1]}


def test_github_waits_for_a_run_and_ends_none_that_is_not_over(place):
    flow = yaml.safe_load(place.write("github", timeout=3600)[".github/workflows/personas-shop.yml"])
    assert flow["concurrency"] == {"group": "personas-shop", "cancel-in-progress": False}
    assert flow["jobs"]["run"]["timeout-minutes"] * 60 >= 3600 + 600  # what is installed before, and told after


def test_github_takes_the_last_publication_from_where_it_is_kept_longest(place, tmp_path):
    """The cache goes after a week without a run: a monthly study finds its last publication among the artifacts."""
    flow = yaml.safe_load(place.write("github")[".github/workflows/personas-shop.yml"])
    steps = flow["jobs"]["run"]["steps"]
    step = next(step for step in steps if "gh run download" in step.get("run", ""))
    kept = next(step for step in steps if step.get("uses", "").startswith("actions/upload-artifact"))
    restored = next(step for step in steps if step.get("uses", "").startswith("actions/cache/restore"))
    assert (step["if"], restored["id"]) == ("steps.kept.outputs.cache-matched-key == ''", "kept")
    assert (kept["with"]["name"], kept["with"]["retention-days"]) == ("personas-shop", 90)
    assert flow["permissions"] == {"contents": "read", "actions": "read"}
    assert not "personas-shop-two.1".startswith(restored["with"]["restore-keys"])  # another study of the repository
    environment = with_programs(place, gh='case $1 in api) cat last ;; *) echo "$@" ;; esac')
    environment |= {"GITHUB_REPOSITORY": "shop/data"}
    for last, called in (
        ("", ""),
        ("77", "run download 77 --repo shop/data --name personas-shop --dir personas/shop\n"),
    ):
        (tmp_path / "last").write_text(last)
        ended = subprocess.run(["bash", "-e", "-c", step["run"]], cwd=tmp_path, env=environment, capture_output=True,
                               text=True, check=True)  # fmt: skip
        assert ended.stdout == called


def test_days_are_those_of_the_week():
    assert [day[:3] for day in DAYS] == ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
