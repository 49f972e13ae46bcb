"""A workflow's picture says what the workflow says, and nothing that somebody wrote into a name."""

import re

from blackboard import drawing, workflow

EVERY_KIND = """
name: every
title: Every kind of stage
payload: {type: object, properties: {amount: {type: string}}}
actions: {transfer: {fields: [amount]}}
stages:
  asked: {signal: process, timeout_s: 60, outcomes: {received: {to: look}, timeout: {end: end}}}
  look:
    capability: first
    outcomes: {approve: {to: panel}, refer: {to: person}, exhausted: {to: person}}
  panel:
    panel:
      question: Well?
      seats: [{capability: one}, {capability: two}]
      quorum: {kind: unanimous}
    outcomes: {approve: {to: pay, authorizes: transfer}, reject: {end: rejected}, refer: {to: person}}
  person:
    capability: review
    review: {due_in_s: 60}
    outcomes: {approve: {to: wait}, reject: {end: rejected}}
  wait: {timer_s: 1.5, outcomes: {elapsed: {to: other}}}
  other: {case: small, outcomes: {done: {to: check}, gone: {to: check}}}
  pay: {capability: execution, outcomes: {executed: {end: executed}, unknown: {to: check}}}
  check: {capability: reconciliation, outcomes: {executed: {end: executed}}}
"""
PICTURE = """\
flowchart TD
  begin(( )) --> s0
  s0>"<b>asked</b><br/>waits for process"]
  s1["<b>look</b><br/>first"]
  s2[["<b>panel</b><br/>a panel of 2: one, two"]]
  s3{{"<b>person</b><br/>a person: review"}}
  s4(("<b>wait</b><br/>waits 1.5 s"))
  s5[/"<b>other</b><br/>a case of small"\\]
  s6["<b>pay</b><br/>execution"]
  s7[("<b>check</b><br/>reconciliation")]
  e0(["end "])
  e1(["rejected"])
  e2(["timed_out"])
  e3(["executed"])
  s0 -->|"received"| s1
  s0 -.->|"timeout"| e0
  s1 -->|"approve"| s2
  s1 -->|"refer"| s3
  s1 -.->|"exhausted"| s3
  s2 ==>|"approve<br/>permits transfer"| s6
  s2 -->|"reject"| e1
  s2 -->|"refer"| s3
  s3 -->|"approve"| s4
  s3 -->|"reject"| e1
  s3 -.->|"timed out"| e2
  s4 -->|"elapsed"| s5
  s5 -->|"done, gone"| s7
  s6 -->|"executed"| e3
  s6 -->|"unknown"| s7
  s7 -->|"executed"| e3
"""


def test_every_kind_of_stage_has_its_shape() -> None:
    """And every way out its edge, in the order in which outcomes count."""
    assert drawing.draw(workflow.parse(EVERY_KIND)) == PICTURE


def test_a_hostile_name_is_drawn_as_text() -> None:
    """Whatever is in a signal's name closes no label, starts no line and is no HTML."""
    evil = 'x"] --> e0; click s0 `<script>alert(1)</script>`\n```\n%%{init: {}}%%'
    found = workflow.parse(EVERY_KIND)
    stage = found.stages["asked"].model_copy(update={"signal": evil})
    drawn = drawing.draw(found.model_copy(update={"stages": {**found.stages, "asked": stage}}))
    [line] = [line for line in drawn.splitlines() if line.startswith("  s0>")]
    label = re.fullmatch(r'  s0>"<b>asked</b><br/>(.*)"\]', line)

    assert len(drawn.splitlines()) == len(PICTURE.splitlines())
    assert label is not None
    assert re.search(r'["<>`%\[\]{}()|&]', label[1]) is None


def test_a_page_is_drawn_anew_between_its_marks_and_nowhere_else() -> None:
    """Twice is as once."""
    begin, end = "<!-- workflow: every -->\n", "<!-- /workflow -->\n"
    page = f"before\n{begin}old\n{end}between\n{begin}{end}after\n"
    once = drawing.refresh(page, lambda _: workflow.parse(EVERY_KIND))
    part = f"{begin}```mermaid\n{PICTURE}```\n{end}"

    assert once == f"before\n{part}between\n{part}after\n"
    assert drawing.refresh(once, lambda _: workflow.parse(EVERY_KIND)) == once
