"""What the journeys through the window have in common: waiting for what must come true, counting
it, and pictures of where it was."""

import time


class Checks:
    """Checks on one window; `pictures` is a folder for screenshots, or None."""

    def __init__(self, window, pictures=None):
        self.window, self.pictures, self.passed = window, pictures, 0

    def until(self, what, condition, seconds=20):
        """Waits for a condition; counts it as passed."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                self.picture("failed")
                nodes = self.window.nodes().values()
                known = sorted({f"{n['role']} {n['name']!r}" for n in nodes if n["name"]})
                raise AssertionError(
                    f"never came true: {what}; there are:\n  " + "\n  ".join(known)
                )
            time.sleep(0.1)
        self.passed += 1
        print(f"ok: {what}")

    def picture(self, name):
        if self.pictures:
            self.pictures.mkdir(parents=True, exist_ok=True)
            self.window.screenshot(str(self.pictures / f"{name}.png"))

    def there(self, name, role=None):
        return lambda: self.window.find(name, role, contains=True)

    def gone(self, name, role=None):
        return lambda: not self.window.find(name, role, contains=True)
