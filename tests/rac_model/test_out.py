"""No command of rac_model destroys what it did not make, nor leaves anything half-made."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rac_model.__main__ import main
from rac_model.data import corpus
from tests.hostile import OTHERS, folder_of_others, picture
from tests.rac_model.folder import write_folder

ROOT = Path(__file__).resolve().parent.parent.parent

COMMANDS = {
    "prepare": ["prepare", "--data", "{data}", "--out", "{out}"],
    "train": ["train", "title-match", "--data", "{data}", "--out", "{out}"],
    "restart": ["train", "title-match", "--data", "{data}", "--out", "{out}", "--restart"],
    "beside": [
        *["train", "title-match", "--data", "{data}"],
        *["--out", "{data}/../model", "--prepared", "{out}"],
    ],
    "extend": ["extend", "{rac}", "--data", "{data}", "--out", "{out}"],
    "predictions": ["evaluate", "{titles}", "--data", "{data}", "--predictions", "{out}"],
    "evaluate": ["evaluate", "{titles}", "--data", "{data}", "--out", "{out}"],
}
INTO_A_FOLDER = [name for name in COMMANDS if name != "evaluate"]


@pytest.fixture
def places(checkpoints: dict[str, Path], folder: Path, tmp_path: Path) -> dict[str, Path]:
    data = shutil.copytree(folder, tmp_path / "mine" / "m")
    return {"data": data, "rac": checkpoints["rac"], "titles": checkpoints["title-match"]}


def run(command: str, out: Path | str, places: dict[str, Path]) -> int:
    return main([argument.format(out=out, **places) for argument in COMMANDS[command]])


def refused(
    command: str,
    out: Path | str,
    places: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> str:
    """Run the command; it must refuse in one line and change nothing. Returns that line."""
    before = picture(tmp_path)
    assert run(command, out, places) == 2
    assert picture(tmp_path) == before
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    return shown


@pytest.mark.parametrize("command", ["prepare", "train", "restart", "extend", "predictions"])
def test_a_folder_of_others_files_is_refused(
    command: str, places: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = folder_of_others(tmp_path / "theirs")
    assert "give" in refused(command, theirs, places, tmp_path, capsys)


@pytest.mark.parametrize("name", OTHERS)
def test_prepare_refuses_a_folder_with_any_one_file_of_others(
    name: str, places: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder_of_others(tmp_path / "theirs", (name,))
    assert "prepare did not write" in refused("prepare", out, places, tmp_path, capsys)


def test_prepare_refuses_its_own_corpus_with_a_file_of_others_in_it(
    places: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "corpus"
    assert run("prepare", out, places) == 0
    (out / "word2vec-0123456789abcdef.npy").write_bytes(b"vectors of a training")
    assert run("prepare", out, places) == 0
    (out / "thesis.txt").write_text("years of work")
    capsys.readouterr()
    assert "thesis.txt" in refused("prepare", out, places, tmp_path, capsys)


@pytest.mark.parametrize(
    "spelling", ["{data}", "{data}/.", "{data}/../m", "{link}", "{data}/new", "{link}/new/deeper"]
)
@pytest.mark.parametrize("command", INTO_A_FOLDER)
def test_a_folder_that_is_or_lies_in_the_input_is_refused(
    command: str,
    spelling: str,
    places: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    link = tmp_path / "link"
    link.symlink_to(places["data"])
    out = spelling.format(data=places["data"], link=link)
    shown = refused(command, out, places, tmp_path, capsys)
    assert "which is read" in shown or "is a link" in shown


@pytest.mark.parametrize("spelling", ["{parent}", "{parent}/m/..", "{link}/.."])
def test_prepare_refuses_a_parent_of_its_input(
    spelling: str, places: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link = tmp_path / "link"
    link.symlink_to(places["data"])
    out = spelling.format(parent=places["data"].parent, link=link)
    assert "which is read" in refused("prepare", out, places, tmp_path, capsys)


def test_prepare_refuses_a_relative_name_of_its_input(
    places: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(places["data"].parent)
    for out in ("m", "./m", "../mine/m", "."):
        relative = {**places, "data": Path("m")}
        assert "which is read" in refused("prepare", out, relative, tmp_path, capsys)


@pytest.mark.parametrize("command", INTO_A_FOLDER)
def test_a_file_is_no_folder(
    command: str, places: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("years of work")
    before = picture(tmp_path)
    assert run(command, tmp_path / "file", places) in (1, 2)
    assert picture(tmp_path)["file"] == before["file"]
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("command", ["prepare", "train", "restart", "extend", "predictions"])
def test_a_link_is_refused(
    command: str, places: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("link", "dangling"):
        assert "is a link" in refused(command, tmp_path / name, places, tmp_path, capsys)


def test_evaluate_writes_over_its_own_table_and_over_nothing_else(
    places: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for form in ("text", "md", "tex", "csv", "json"):
        table = tmp_path / f"table.{form}"
        for _ in ("new", "over the first"):
            assert main([*_evaluate(places, table), "--format", form]) == 0
    capsys.readouterr()
    (tmp_path / "thesis.txt").write_text("years of work")
    (tmp_path / "theirs.json").write_text('{"theirs": true}')
    (tmp_path / "binary").write_bytes(b"\xff\x00")
    (tmp_path / "link").symlink_to(tmp_path / "thesis.txt")
    sources = [
        places["data"] / "NOTEEVENTS.csv",
        places["titles"] / "config.json",
        places["data"] / "new.txt",
    ]
    others = ("thesis.txt", "theirs.json", "binary", "link", "mine")
    for out in (*[tmp_path / name for name in others], *sources):
        refused("evaluate", out, places, tmp_path, capsys)
    assert main(_evaluate(places, Path("/dev/null"))) == 0


def _evaluate(places: dict[str, Path], out: Path) -> list[str]:
    return [argument.format(out=out, **places) for argument in COMMANDS["evaluate"]]


def test_predictions_are_written_over_as_long_as_nobody_has_changed_them(
    places: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "codings"
    assert run("predictions", out, places) == 0
    assert run("predictions", out, places) == 0
    written = {path.name for path in out.iterdir()}
    assert written == {".SHA256SUMS", "reference.csv", "title-match.csv"}
    with (out / "title-match.csv").open("a") as file:
        file.write("n1,401.9\n")
    capsys.readouterr()
    assert "title-match.csv" in refused("predictions", out, places, tmp_path, capsys)


def test_a_finished_training_of_other_settings_stays_unless_told(
    places: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "model"
    assert run("train", out, places) == 0
    assert run("train", out, places) == 0
    capsys.readouterr()
    other = [argument.format(out=out, **places) for argument in COMMANDS["train"]]
    other += ["--set", "reading=caml"]
    before = picture(out)
    assert main(other) == 2
    assert "--restart to write over it" in capsys.readouterr().err
    assert picture(out) == before
    assert main([*other, "--restart"]) == 0
    assert picture(out) != before


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stopped_prepare_leaves_no_token_ids_and_tells_the_truth(
    stop: signal.Signals, tmp_path: Path
) -> None:
    process, making = started(tmp_path)
    process.send_signal(stop)
    _, shown = process.communicate(timeout=120)
    assert process.returncode == 1
    told = "stopped; nothing half-made was left, and the same command starts from the beginning"
    assert told in shown
    assert not making.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mimic"]


@pytest.mark.slow
def test_what_a_kill_left_goes_at_the_next_start(tmp_path: Path) -> None:
    process, making = started(tmp_path)
    process.kill()
    process.communicate(timeout=120)
    assert making.exists()
    corpus.prepare([tmp_path / "mimic"], tmp_path / "another", progress=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["another", "mimic"]


@pytest.mark.slow
def test_a_second_prepare_of_the_same_folder_leaves_the_first_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    process, making = started(tmp_path)
    assert (
        main(["prepare", "--data", str(tmp_path / "mimic"), "--out", str(tmp_path / "corpus")]) == 2
    )
    assert "another process is writing" in capsys.readouterr().err
    assert (making / "tokens.bin").exists()
    process.terminate()
    process.communicate(timeout=120)


def started(tmp_path: Path) -> tuple[subprocess.Popen[str], Path]:
    """A `prepare` in a process of its own that waits after the notes, half-way.

    And where it is writing.
    """
    folder = write_folder(tmp_path / "mimic")
    making = tmp_path / ".corpus.part"
    code = (
        "import signal, sys, threading\n"
        "from rac_model import __main__ as command\n"
        "from rac_model.data import corpus\n"
        "corpus._titles = lambda folders: threading.Event().wait(300)\n"
        "for number in (signal.SIGTERM, signal.SIGHUP): signal.signal(number, command._interrupt)\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "sys.exit(command.main(sys.argv[1:]))\n"
    )
    arguments = ["prepare", "--data", str(folder), "--out", str(tmp_path / "corpus")]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + 120
    while not (making / "tokens.bin").exists() or not (making / "tokens.bin").stat().st_size:
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.05)
    return process, making


def test_half_made_folders_of_others_stay(
    places: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder_of_others(tmp_path / ".corpus.part")
    folder_of_others(tmp_path / ".corpus.old")
    folder_of_others(tmp_path / ".other.part", ("codes.csv", "tokens.bin"))
    assert "move it away" in refused("prepare", tmp_path / "corpus", places, tmp_path, capsys)
    before = picture(tmp_path)
    assert run("prepare", tmp_path / "free", places) == 0
    assert before.items() <= picture(tmp_path).items()


@pytest.mark.parametrize("command", ["prepare", "train", "extend", "predictions", "evaluate"])
def test_a_place_that_cannot_be_written_is_words(
    command: str, places: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """/proc takes no files, whoever asks; /dev/full is a disk without space."""
    out = "/dev/full" if command == "evaluate" else "/proc/here"
    assert run(command, out, places) in (1, 2)
    assert capsys.readouterr().err.splitlines()[-1].startswith("rac_model ")


def test_a_full_disk_leaves_nothing_of_a_corpus(
    places: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(corpus, "_manifest", full)
    assert run("prepare", tmp_path / "corpus", places) == 1
    assert "the disk is full; make room and run it again" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine"]


def test_what_a_stopped_training_says_is_what_it_kept(
    places: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "model"

    def stopped(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rac_model.training.train.train", stopped)
    assert run("train", out, places) == 1
    told = "no step was kept yet, and the same command starts from the beginning"
    assert told in capsys.readouterr().err
    out.mkdir()
    (out / "state.pt").touch()
    assert run("train", out, places) == 1
    assert "the same command goes on from what was kept at" in capsys.readouterr().err


def test_a_folder_with_a_manifest_of_somebody_else_is_no_corpus(
    places: dict[str, Path], tmp_path: Path
) -> None:
    (places["data"] / "manifest.json").write_text(json.dumps({"files": {"NOTEEVENTS.csv": {}}}))
    assert run("train", tmp_path / "model", places) == 0
