"""The command line: `blackboard --help`.

Exit codes, for scripts: 0 done · 1 refused, with the reason · 2 wrong usage · 3 not now, try again · 4 the case ended otherwise
than asked for · 5 the case rests with a person · 6 this installation needs attention.
"""

import typer

from blackboard.cli import cases, control, demo, duties, facts, follow, load, operate, pictures, policies, reviews, story

app = typer.Typer(
    help="A shared board in PostgreSQL on which agents work bank cases together.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)

app.command()(operate.up)
app.command()(operate.migrate)
app.command()(operate.provision)
app.command()(operate.doctor)
app.command()(operate.rebuild)
app.command()(demo.demo)
app.command()(load.load)
app.command()(cases.submit)
app.command("cases")(cases.list_cases)
app.command("case")(cases.show_case)
app.command()(facts.facts)
app.command()(reviews.reviews)
app.command()(reviews.review)
app.command()(story.explain)
app.command()(story.replay)
app.command()(pictures.draw)
app.command()(follow.watch)
app.command()(follow.agents)
for command in (
    control.why,
    control.hold,
    control.lift,
    control.suspend,
    control.resume,
    control.incidents,
    control.redrive,
    control.resolve,
    control.backlog,
):
    app.command()(command)
app.add_typer(duties.delegation, name="delegation")
app.add_typer(duties.break_glass, name="break-glass")
app.command()(policies.policies)
app.add_typer(policies.app, name="policy")
