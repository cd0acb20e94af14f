# bytes sliced, struct packed and unpacked
import struct

def run():
    header, total = struct.Struct("!HHIB"), 0
    data = bytes(range(256)) * 8
    for i in range(250000):
        at = i % 1000
        piece = data[at:at + 9]
        a, b, c, d = header.unpack(piece)
        total += a + b + c % 7 + d + piece[3] + data[at + 1]
        packed = struct.pack("!BBH", i & 255, 1, at)
        total += len(packed + piece[2:]) + packed[0]
    return total
print(run())
