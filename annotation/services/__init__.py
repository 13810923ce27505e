"""Every write of the annotation side, by topic. Views, commands, tasks and the API call these and add no logic."""
