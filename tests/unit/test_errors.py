"""One tree of errors, one status for each, one code for each."""

from api.problems import STATUS
from blackboard import errors
from blackboard.errors import BlackboardError
from blackboard.problem import _BY_CODE, _subclasses

# Names of families; what is raised is always one of their members.
FAMILIES = {BlackboardError, errors.Refused, errors.Busy, errors.SetupError}


def test_every_error_has_a_status() -> None:
    """A new one cannot be forgotten at the border."""
    assert set(_subclasses(BlackboardError)) - FAMILIES == set(STATUS)


def test_every_error_has_a_code_of_its_own() -> None:
    """Programs compare codes."""
    kinds = _subclasses(BlackboardError)

    assert len({kind.code for kind in kinds}) == len(kinds) == len(_BY_CODE)


def test_the_tree_is_drawn_whole() -> None:
    """Every class stands in the picture at the top of the file."""
    assert errors.__doc__ is not None

    assert [kind.__name__ for kind in _subclasses(BlackboardError) if kind.__name__ not in errors.__doc__] == []
