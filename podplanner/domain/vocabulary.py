"""The words of the business as dense indices: functions, roles, coverages."""

FUNCTIONS = ("sales", "marketing", "support", "operations")
ROLES = (*FUNCTIONS, "leader")
SALES, MARKETING, SUPPORT, OPERATIONS, LEADER = range(5)

COVERAGES = ("local", "virtual", "direct")
LOCAL, VIRTUAL, DIRECT = range(3)

NOBODY = -1
"""No person, no pod, no rule: the blank of every dense index."""

VACANT = -2
"""Today's owner is gone (or leaves inside the period): charged to plan and baseline alike, and no move."""

BAND_HOURS = 2.0
"""A virtual pod takes accounts and people whose zone is at most this far from its band."""
