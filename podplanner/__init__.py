"""podplanner: plans pods, tiers and named teams for named accounts, with a proof of how good the plan is."""

__version__ = "0.1.0"
