// Before anything is drawn: the light that was chosen here; without a choice the system's.
document.documentElement.dataset.light = localStorage.getItem("blackboard.light") ?? "system";
