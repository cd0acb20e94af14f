local function run()
  local seen, order = {}, {}
  for i = 0, 399999 do
    local key = "k" .. tostring(i % 5000)
    if not seen[key] then order[#order + 1] = key end
    seen[key] = (seen[key] or 0) + i
  end
  local parts = {}
  for _, key in ipairs(order) do parts[#parts + 1] = key .. "=" .. tostring(seen[key]) end
  return #table.concat(parts, ","), seen["k42"]
end
local a, b = run()
print(a .. " " .. b)
