# A bad line between two network namespaces, for kernels without netem: each packet takes 200 ms ± 100, 10 % are lost and 5 % come twice.
# usage: wire.py NAMESPACE NAMESPACE. Each gets an interface called wire; the line is there as long as this runs.

import ctypes
import fcntl
import heapq
import os
import random
import select
import struct
import sys
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
LOST, TWICE = 0.10, 0.05
LARGEST_PACKET = 65_536


def open_end(namespace):
    with open(f"/run/netns/{namespace}") as target:
        if ctypes.CDLL(None, use_errno=True).setns(target.fileno(), 0) != 0:
            sys.exit(f"cannot enter {namespace}: {os.strerror(ctypes.get_errno())}")
    end = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH", b"wire", IFF_TUN | IFF_NO_PI))
    return end


def main():
    one, other = (open_end(namespace) for namespace in sys.argv[1:3])
    under_way = []
    while True:
        wait = max(0, under_way[0][0] - time.monotonic()) if under_way else None
        for end in select.select([one, other], [], [], wait)[0]:
            packet = os.read(end, LARGEST_PACKET)
            for _ in range((random.random() >= LOST) + (random.random() < TWICE)):
                heapq.heappush(under_way, (time.monotonic() + random.uniform(0.1, 0.3), random.random(), other if end == one else one, packet))
        while under_way and under_way[0][0] <= time.monotonic():
            _, _, end, packet = heapq.heappop(under_way)
            try:
                os.write(end, packet)
            except OSError:
                pass  # the interface is not up yet, or no more


main()
