"""What podplanner is held against: general solvers on the staffing model, and a local search on whole plans.

The staffing model is easier than the model of the contract (people are grouped, owners are hours only, nothing is
named), so its best solution is worth at least as much as the best plan: the figures of the solvers flatter them.
"""
