"""All rules of the model: the table of contents, and what the variables mean."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import numpy as np

from podplanner.domain.instance import Pods
from podplanner.domain.vocabulary import NOBODY, VIRTUAL
from solvers.reference.accounts import AccountRules
from solvers.reference.caps import Caps
from solvers.reference.people import PeopleRules
from solvers.reference.planner_rules import PlannerRules
from solvers.reference.teams import TeamRules
from solvers.reference.variables import plain, serving


class Constraints(AccountRules, PeopleRules, TeamRules, PlannerRules, Caps):
    """One method ``add_<code>`` for each business rule of `podplanner.domain.rules`."""

    def add_constraints(self) -> None:
        """Add what the variables mean, then every rule, then what only spares the search equal plans."""
        self.define_open_pods()
        self.define_placed_people()
        self.define_books()

        self.add_one_place()
        self.add_account_place()
        self.add_tier_limits()
        self.add_named_team()
        self.add_hours()
        self.add_people_per_pod()
        self.add_accounts_per_pod()
        self.add_role_minimum()
        self.add_shares()
        self.add_leader()
        self.add_leader_week()
        self.add_coach()
        self.add_person_place()
        self.add_skills()
        self.add_families()
        self.add_family_owner()
        self.add_balance()
        self.add_leavers()
        self.add_idle()
        self.add_pin()
        self.add_forbid()
        self.add_together()
        self.add_apart()
        self.add_limit()
        self.add_head_count()
        self.add_hires()
        self.add_max_open_pods()
        self.add_moved()
        self.add_budget()

        self.order_hires()
        self.order_equal_pods()

    def define_open_pods(self) -> None:
        """x[a,p,t] <= staffed[p] <= open[p] where t serves somebody, x[a,p,t] <= open[p] else; no more than needed."""
        for p, (open_, staffed) in enumerate(zip(self.v.open, self.v.staffed, strict=True)):
            heads, accounts = self.v.heads_in(p), self.v.accounts_in(p)
            self.define(staffed - open_ <= 0, "open", self.v.pod[p])
            self.define(staffed - heads <= 0, "staffed", self.v.pod[p])
            for s, head in self.v.team[p]:
                self.define(head - staffed <= 0, "staffed", self.v.person[s], self.v.pod[p])
            if not self.instance.pods.keep_open[p]:
                self.define(open_ - heads - accounts <= 0, "shut", self.v.pod[p])
            self._link_accounts(p)

    def _link_accounts(self, pod: int) -> None:
        by_account = defaultdict(list)
        for a, t, x in self.v.in_pod[pod]:
            by_account[a].append((t, x))
        for a, tiers in by_account.items():
            served = [x for t, x in tiers if serving(self.instance, t)]
            if served:
                self.define(plain(served) - self.v.staffed[pod] <= 0, "serves", self.v.account[a], self.v.pod[pod])
            if len(served) < len(tiers):
                takes = plain(x for _, x in tiers) - self.v.open[pod]
                self.define(takes <= 0, "takes", self.v.account[a], self.v.pod[pod])

    def define_placed_people(self) -> None:
        """placed[s] = 1 where head[s,p] = 1 for some p."""
        for s, placed in enumerate(self.v.placed):
            joins = self.v.joins.get(s, [])
            heads = plain(head for _, head in joins)
            one_pod = self.v.choices.steps(s) == 1 or self.instance.people.max_pods[s] == 1
            if one_pod and self.v.choices.pruned:
                self.define(heads - placed == 0, "placed", self.v.person[s])
                continue
            self.define(placed - heads <= 0, "placed", self.v.person[s])
            for p, head in joins:
                self.define(head - placed <= 0, "placed", self.v.person[s], self.v.pod[p])

    def define_books(self) -> None:
        """own[a,s,p,t] <= book[s,p] <= head[s,p]; a book has an account."""
        for (s, p), book in self.v.book.items():
            entries = self.v.books[s, p]
            where = (self.v.person[s], self.v.pod[p])
            self.define(book - self.v.head[s, p] <= 0, "book", *where)
            self.define(book - plain(own for _, _, own in entries) <= 0, "no_book", *where)
            by_account = defaultdict(list)
            for a, _, own in entries:
                by_account[a].append(own)
            for a, owns in by_account.items():
                self.define(plain(owns) - book <= 0, "book", self.v.account[a], *where)

    def order_hires(self) -> None:
        """Slots of a role are alike, so that a later one is used only after an earlier one."""
        people = self.instance.people
        named = {s for rule in self.instance.rules for s in (rule.person, rule.other_person)}
        slots = [s for s in np.flatnonzero(people.is_hire).tolist() if s not in named]
        for earlier, later in pairwise(slots):
            if people.role[earlier] == people.role[later]:
                self.define(self.v.placed[later] - self.v.placed[earlier] <= 0, "in_order", self.v.person[later])

    def order_equal_pods(self) -> None:
        """Virtual pods that differ by nothing but their number are opened in order."""
        instance = self.instance
        named = {rule.pod for rule in instance.rules} | set(instance.people.pod_today.tolist()) - {NOBODY}
        alike: dict[tuple[float | str, ...], int] = {}
        for p in np.flatnonzero(instance.pods.coverage == VIRTUAL).tolist():
            if p in named:
                continue
            kind = _kind(instance.pods, p)
            if kind in alike:
                before = alike[kind]
                self.define(self.v.open[p] - self.v.open[before] <= 0, "in_order", self.v.pod[p])
            alike[kind] = p


def _kind(pods: Pods, pod: int) -> tuple[float | str, ...]:
    """What makes two virtual pods alike; a blank band is its own kind."""
    columns = ("fixed_cost", "min_people", "max_people", "min_accounts", "max_accounts", "keep_open")
    band = float(pods.utc_offset[pod])
    return ("none" if np.isnan(band) else band, *(float(getattr(pods, column)[pod]) for column in columns))
