# arithmetic, ten million steps
def run():
    total = i = 0
    while i < 10000000:
        total += i * 3 % 7
        i += 1
    return total
print(run())
