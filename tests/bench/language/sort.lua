local function run()
  local x, rows = 12345, {}
  for i = 0, 99999 do
    x = (x * 1103515245 + 12345) % 2147483648
    rows[#rows + 1] = { x, i }
  end
  table.sort(rows, function(a, b) return a[1] < b[1] end)
  local first = rows[1][1]
  local numbers = {}
  for i = 50001, 100000 do numbers[#numbers + 1] = rows[i][1] end
  for i = 1, 50000 do numbers[#numbers + 1] = rows[i][1] end
  table.sort(numbers)
  local words = {}
  for _, n in ipairs(numbers) do words[#words + 1] = tostring(n) end
  table.sort(words, function(a, b) return #a < #b end)
  table.sort(words)
  table.sort(rows, function(a, b) return a[2] > b[2] end)
  return first .. " " .. numbers[2] .. " " .. words[1] .. " " .. rows[1][2]
end
print(run())
