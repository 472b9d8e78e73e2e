"""The checker proves itself: it passes every good history, and every mutation turns it red."""

from __future__ import annotations

import random
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.soak.checker import judge
from tests.soak.good import good_history
from tests.soak.history import History
from tests.soak.mutations import MUTATIONS

seeds = st.integers(min_value=0, max_value=2**32)


@settings(deadline=None, max_examples=100)
@given(seeds)
def test_a_history_as_promised_passes(seed: int) -> None:
    assert judge(good_history(seed)) == []


@pytest.mark.parametrize("name", MUTATIONS)
@settings(deadline=None, max_examples=20)
@given(seed=seeds)
def test_a_history_with_one_fault_does_not_pass(name: str, seed: int) -> None:
    history = good_history(seed)
    mutation = MUTATIONS[name]

    mutation.apply(history, random.Random(seed))

    assert mutation.kind in {wrong.kind for wrong in judge(history)}


@settings(deadline=None, max_examples=20)
@given(seed=seeds)
def test_judging_changes_nothing(seed: int) -> None:
    history = good_history(seed)
    before = deepcopy(history)

    judge(history)

    assert history == before


def test_nothing_at_all_passes() -> None:
    assert judge(History()) == []


def test_a_message_given_up_may_be_stored_or_not() -> None:
    history = good_history(1)
    room = history.posts[0].room
    edited = {edit.seq for edit in history.edits}
    ours = [post for post in history.posts if post.acks and post.room == room]
    unknown = next(post for post in ours if post.acks[0].seq not in edited)
    unknown.acks.clear()

    assert judge(history) == []
