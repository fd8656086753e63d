"""What if: scenarios on top of a plan, wishes and their price, plans side by side, and the plan in force."""
