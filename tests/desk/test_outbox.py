"""What the browser keeps of a note, and how it gets to the server: the pure parts of both."""

from __future__ import annotations

import pytest

from tests.desk.modules import empty_page, run

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(chromium):
    return empty_page(chromium)


def test_what_is_kept_belongs_to_its_user(page):
    steps = """
        localStorage.clear();
        m.keep(1, 7, { draft: { codes: ["1"] } });
        m.keep(1, 8, { seconds: 4 });
        m.keep(2, 9, { submit: { key: "k" } });
        m.keepSetting(1, "single-keys", false);
        const mine = m.keptAssignments(1);
        const theirs = m.keptAssignments(2);
        m.keep(1, 8, {});
        m.forgetAll(1);
        return { mine, theirs, left: Object.keys(localStorage) };
    """
    got = run(page, "kept", steps)
    assert sorted(got["mine"]) == [7, 8] and got["theirs"] == [9]
    assert got["left"] == ["coderbench-desk:2:9"]


def test_what_arrived_is_forgotten_unless_it_is_newer(page):
    steps = """
        localStorage.clear();
        m.keep(1, 7, { draft: { sequence: 2 }, submit: { key: "k" } });
        m.unkeep(1, 7, "draft", { sequence: 1 });
        const older = m.kept(1, 7);
        m.unkeep(1, 7, "draft", { sequence: 2 });
        m.unkeep(1, 7, "submit", { key: "k" });
        return { older, left: Object.keys(localStorage) };
    """
    got = run(page, "kept", steps)
    assert got["older"] == {"draft": {"sequence": 2}, "submit": {"key": "k"}}
    assert got["left"] == []


OUTBOX = """
    localStorage.clear();
    const replies = x.replies;
    const sent = [];
    const arrived = [];
    const refused = [];
    const on = {
      arrived: (item) => arrived.push([item.kind, item.assignment]),
      refused: (item, reason) => refused.push([item.kind, item.assignment, reason]),
      changed: () => {},
    };
    const send = async (method, path, body) => {
      sent.push([path, body.codes]);
      return replies.shift() ?? { status: 200, data: {} };
    };
    const outbox = new m.Outbox(1, (assignment, what) => `${assignment}/${what}`, on, send);
    const keptNow = () => JSON.parse(JSON.stringify(localStorage));
    const draft = (assignment, sequence, codes, unlisted = "") =>
      outbox.draft(assignment, { sequence, codes, unlisted });
    const submit = (assignment, key, codes) => outbox.submit(assignment, { key, codes });
"""


def outbox(page, steps: str, replies: list[dict] | None = None):
    return run(page, "outbox", OUTBOX + steps, {"replies": replies or []})


def test_one_request_at_a_time_and_the_newest_draft(page):
    steps = """
        draft(5, 1, ["1"]);
        await null; // it is on its way
        draft(5, 2, ["1", "2"]);
        draft(5, 3, ["1", "2", "3"]);
        await outbox.now();
        return { sent, kept: keptNow() };
    """
    got = outbox(page, steps)
    assert got["sent"] == [["5/draft", ["1"]], ["5/draft", ["1", "2", "3"]]]
    assert got["kept"] == {}


def test_while_the_server_is_down_all_is_kept_and_sent_in_order_later(page):
    steps = """
        draft(5, 1, ["1"], "words of mine");
        await outbox.now();
        const down = { state: outbox.state, kept: keptNow() };
        submit(5, "k5", ["1"]);
        submit(6, "k6", ["2"]);
        draft(7, 1, ["3"]);
        await outbox.now();
        return { down, sent, arrived, kept: keptNow(), state: outbox.state };
    """
    got = outbox(page, steps, [{"status": 0, "data": None}])
    assert got["down"]["state"] == "down"
    assert "words of mine" in got["down"]["kept"]["coderbench-desk:1:5"]
    assert [path for path, _ in got["sent"]] == ["5/draft", "5/submit", "6/submit", "7/draft"]
    assert got["arrived"] == [["submit", 5], ["submit", 6], ["draft", 7]]
    assert got["kept"] == {} and got["state"] == "up"


def test_words_are_kept_here_only_while_the_server_is_away(page):
    steps = """
        const done = (draft(5, 1, ["1"], "words of mine"), keptNow());
        await outbox.now();
        return { done };
    """
    kept = outbox(page, steps)["done"]["coderbench-desk:1:5"]
    assert '"1"' in kept and "words of mine" not in kept


def test_what_is_refused_stays_and_lets_others_pass(page):
    steps = """
        submit(5, "k5", ["1"]);
        submit(6, "k6", ["2"]);
        await outbox.now();
        return { refused, arrived, kept: Object.keys(localStorage) };
    """
    got = outbox(page, steps, [{"status": 409, "data": {"reason": "changed"}}])
    assert got["refused"] == [["submit", 5, "changed"]] and got["arrived"] == [["submit", 6]]
    assert got["kept"] == ["coderbench-desk:1:5"]


def test_a_later_page_sends_what_an_earlier_one_had_kept(page):
    steps = """
        const keep = (user, assignment, entry) =>
          localStorage.setItem(`coderbench-desk:${user}:${assignment}`, JSON.stringify(entry));
        keep(1, 6, { submit: { key: "b", codes: ["2"], pressed: 2 } });
        keep(1, 5, { submit: { key: "a", codes: ["1"], pressed: 1 } });
        for (const assignment of [7, 8]) keep(1, assignment, { draft: { sequence: 1, codes: [] } });
        keep(2, 9, { draft: { sequence: 1, codes: ["5"] } });
        await outbox.restore(8);
        return { sent, kept: Object.keys(localStorage).sort() };
    """
    got = outbox(page, steps)
    assert [path for path, _ in got["sent"]] == ["5/submit", "6/submit", "7/draft"]
    assert got["kept"] == ["coderbench-desk:1:8", "coderbench-desk:2:9"]
