-- wrk … <url> -- <file> <mark> <serial>: sends the requests of a file, between which stands a NUL, round and round, with a
-- number wherever they have the mark, from a first one up. Prints what came of it in one line of JSON.
local ffi = require('ffi')

-- How wrk keeps its times: how many requests took so many microseconds. To ask for them one by one, as its manual has it,
-- searches from the start each time: ten seconds of CPU time after a run with answers that took a few seconds.
ffi.cdef('typedef struct { uint64_t count, limit, min, max, data[]; } times;')

local requests, turn, serial = {}, 0, 0

local function pieces(text, separator)
  local list, from = {}, 1
  while true do
    local first, last = text:find(separator, from, true)
    if not first then break end
    list[#list + 1] = text:sub(from, first - 1)
    from = last + 1
  end
  list[#list + 1] = text:sub(from)
  return list
end

function init(args)
  local file = assert(io.open(args[1], 'rb'))
  for _, text in ipairs(pieces(file:read('*a'), '\0')) do
    requests[#requests + 1] = pieces(text, args[2])
  end
  file:close()
  serial = tonumber(args[3])
end

function request()
  turn = turn % #requests + 1
  serial = serial + 1
  return table.concat(requests[turn], serial)
end

function done(summary, latency)
  local times, counts, errors = ffi.cast('times **', latency)[0], {}, summary.errors
  for time = tonumber(times.min), tonumber(times.max) do
    local count = tonumber(times.data[time])
    if count > 0 then counts[#counts + 1] = string.format('[%d,%d]', time, count) end
  end
  print(string.format(
    '{"requests":%d,"duration":%d,"errors":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d},"counts":[%s]}',
    summary.requests, summary.duration, errors.connect, errors.read, errors.write, errors.status, errors.timeout,
    table.concat(counts, ',')))
end
