local function run()
  local total, i = 0, 0
  while i < 10000000 do
    total = total + i * 3 % 7
    i = i + 1
  end
  return total
end
print(run())
