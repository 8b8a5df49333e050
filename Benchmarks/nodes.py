"""A console and several gateways around one private database, processes of their own."""
import contextlib, os, signal, subprocess

from installation import BINARY, Installation, free_port, wait_until_ready

NODES = 3


class Console(Installation):
    """`latchkey serve --role console` with the private database that the gateways share."""

    role = ("--role", "console")


def gateway(database, folder, number):
    """A gateway process: itself, where it takes calls, and where it says that it is ready."""
    address, internal = (f"127.0.0.1:{free_port()}" for _ in range(2))
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LATCHKEY_")}
    environment.update(
        LATCHKEY_LOCAL="1", LATCHKEY_DATABASE_URL=database, LATCHKEY_GATEWAY_ADDRESS=address,
        LATCHKEY_INTERNAL_ADDRESS=internal, LATCHKEY_DATA_DIR=os.path.join(folder, f"gateway-{number}"))
    log = open(os.path.join(folder, f"gateway-{number}.log"), "wb")
    return subprocess.Popen([BINARY, "serve", "--role", "gateway"], env=environment, stdout=log, stderr=log), address, internal


@contextlib.contextmanager
def gateways(database, folder):
    """Where each of the gateways takes calls, once all are ready."""
    started = [gateway(database, folder, number) for number in range(NODES)]
    try:
        for process, _, internal in started:
            wait_until_ready(process, internal)
        yield [address for _, address, _ in started]
    finally:
        for process, *_ in started:
            process.send_signal(signal.SIGTERM)
        for process, *_ in started:
            process.wait(timeout=60)
