# dicts and strs built, looked up and joined
def run():
    seen = {}
    for i in range(400000):
        key = "k" + str(i % 5000)
        seen[key] = seen.get(key, 0) + i
    parts = []
    for key in seen:
        parts.append(key + "=" + str(seen[key]))
    return len(",".join(parts)), seen["k42"]
print(*run())
