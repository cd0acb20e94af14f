# a list sorted, by its own order, by a key, and again when it is nearly in order
def run():
    x, rows = 12345, []
    for i in range(100000):
        x = (x * 1103515245 + 12345) % 2147483648
        rows.append((x, i))
    rows.sort(key=lambda row: row[0])
    first = rows[0][0]
    numbers = sorted([row[0] for row in rows[50000:] + rows[:50000]])
    words = sorted([str(n) for n in numbers], key=len)
    words.sort()
    rows.sort(key=lambda row: row[1], reverse=True)
    return first, numbers[1], words[0], rows[0][1]
print(*run())
