"""An account that is locked again as soon as it is unlocked."""

from __future__ import annotations

import subprocess

from inventory.lab.fault import Fault
from inventory.lab.host import DOMAIN, run
from inventory.lab.samba import BASE

WHO = "aivanova"
PHONE = "phone-of-aivanova"
SCRIPT = f"""while :; do
  LDAPTLS_CACERT=/etc/ssl/lab-ca.pem ldapsearch -x -H ldaps://dc1.{DOMAIN} -o nettimeout=3 \\
    -D {WHO}@{DOMAIN} -w Old-Passw0rd-of-spring -b {BASE} -s base >/dev/null 2>&1
  sleep 1
done
"""


class LockedAgain(Fault):
    """A device that still knows the old password. It asks from ws1's network, as a phone would."""

    name, host = "locked-again", "ws1"
    symptom = "Anna Ivanova (aivanova) was unlocked three times today and is locked again after a minute."
    lesson = "Unlocking alone lasts a minute: find what still tries the old password, end that, then unlock."

    def plant(self) -> None:
        argv = ["/bin/sh", "-c", SCRIPT, PHONE]
        null = subprocess.DEVNULL
        subprocess.Popen(argv, stdin=null, stdout=null, stderr=null, start_new_session=True, cwd="/")

    def there(self) -> bool:
        return any(PHONE in line for line in run("ps", "-ww", "-e", "-o", "args=").splitlines())

    def clear(self) -> None:
        subprocess.run(["pkill", "-KILL", "-f", PHONE], capture_output=True, timeout=20, check=False)


FAULT = LockedAgain()
