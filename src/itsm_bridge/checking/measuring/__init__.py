"""KPIs as data, and their figures: measured over the same views as the checks, in the same run."""
