"""Every write of the annotation side, by topic.

Pages, commands, tasks and the API call these functions and add no logic of their own.
"""
