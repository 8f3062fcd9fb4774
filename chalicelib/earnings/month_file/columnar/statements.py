"""The month in SQL: earnings.rules by columns, in whole numbers of 128 bits.

DuckDB's own division and remainder are towards zero, so what may be negative
goes through `floor_div`. Texts compare as their UTF-8 bytes do.
"""

MACRO = """
CREATE MACRO floor_div(a, b) AS a // b - CASE WHEN a % b < 0 THEN 1 ELSE 0 END
"""

LOAD_MEMBERS = """
CREATE TABLE member AS
SELECT (row_number() OVER (ORDER BY id))::INTEGER AS member, id, own, dues, carried FROM (
    SELECT id, carried_micros::HUGEINT AS carried,
        coalesce(dues_micros.member, 0)::HUGEINT + coalesce(dues_micros.friend, 0) AS dues,
        floor_div(coalesce(dues_micros.member, 0)::HUGEINT * $member_bps, 10000)
            + floor_div(coalesce(dues_micros.friend, 0)::HUGEINT * $friend_bps, 10000) AS own
    FROM read_json($files, format = 'array', columns = {
        id: 'VARCHAR', dues_micros: 'STRUCT(member BIGINT, friend BIGINT)', carried_micros: 'BIGINT'}))
"""

LOAD_READINGS = """
CREATE TABLE reading AS
SELECT member.member, story.story, right(day, 2)::UTINYINT AS day, seconds, expected_s, follower, boosted
FROM read_json($files, format = 'array', columns = {
    member: 'VARCHAR', story: 'VARCHAR', day: 'VARCHAR', seconds: 'INTEGER', expected_s: 'INTEGER',
    follower: 'BOOLEAN', boosted: 'BOOLEAN'}) AS told
JOIN member ON member.id = told.member
JOIN story ON story.id = told.story
WHERE day IN (SELECT unnest($days))
"""

LOAD_ENGAGEMENTS = """
CREATE TABLE engagement AS
SELECT member.member, story.story, kind
FROM read_json($files, format = 'array', columns = {
    member: 'VARCHAR', story: 'VARCHAR', kind: 'VARCHAR'}) AS told
JOIN member ON member.id = told.member
JOIN story ON story.id = told.story
WHERE kind IN ('applause', 'highlight', 'response', 'follow')
"""

# Ids that are given twice, two readings of one day, and readers with a share in what they read: none.
FAULTS = """
SELECT (SELECT count(*) - count(DISTINCT id) FROM member)
    + (SELECT count(*) FROM opened WHERE days <> bit_count(which_days))
    + (SELECT count(*) FROM opened JOIN member USING (member)
       JOIN holder ON holder.story = opened.story AND holder.id = member.id)
"""

OPENED = """
CREATE TABLE opened AS
SELECT member, story, any_value(author) AS author, sum(seconds)::BIGINT AS seconds,
    arg_min(expected_s, day)::BIGINT AS expected_s, arg_min(follower, day) AS follower,
    arg_min(boosted, day) AS boosted, count(*) AS days, bit_or(1::BIGINT << day) AS which_days
FROM reading JOIN story USING (story) GROUP BY member, story
"""

QUALIFIED = """
CREATE TABLE judged AS
SELECT *, least(seconds, expected_s * $cap_bps // 10000) AS counted,
    counted >= least($floor_s, expected_s) AS is_qualified
FROM opened
"""

POINTS = """
CREATE TABLE given AS
SELECT member, story, counted, whole, f, b, base_total, engaged,
    (base_total * whole * r) // 100000000 AS points
FROM (
    SELECT judged.member, judged.story, counted,
        CASE WHEN follower THEN $follower_bps ELSE 0 END::HUGEINT AS f,
        CASE WHEN boosted THEN $boost_bps ELSE 0 END::HUGEINT AS b,
        10000 + f + b AS whole,
        least(counted, expected_s)::HUGEINT * coalesce(bps, 0) AS engaged,
        counted::HUGEINT * 10000 + engaged AS base_total,
        $ratio_bps + ((10000 - $ratio_bps) * of_author.qualified) // of_author.opened AS r
    FROM judged
    JOIN (SELECT member, author, count(*)::HUGEINT AS opened,
              count_if(is_qualified)::HUGEINT AS qualified
          FROM judged GROUP BY member, author HAVING count_if(is_qualified) > 0) AS of_author
        USING (member, author)
    LEFT JOIN (SELECT member, story, sum(CASE kind WHEN 'applause' THEN $applause_bps
                   WHEN 'highlight' THEN $highlight_bps WHEN 'response' THEN $response_bps
                   ELSE $follow_bps END) AS bps
               FROM (SELECT DISTINCT member, story, kind FROM engagement) GROUP BY member, story) AS did
        ON did.member = judged.member AND did.story = judged.story
    WHERE is_qualified)
"""

POOLS = """
CREATE TABLE pool AS
SELECT member, id, own, dues, carried, total_points,
    CASE WHEN total_points IS NULL THEN 0
         ELSE greatest(own + least(carried, greatest(own, 0)), 0) END AS pool
FROM member LEFT JOIN (SELECT member, sum(points) AS total_points FROM given GROUP BY member) USING (member)
"""

# Largest remainder: the micros left over go one each to the largest remainders, ties to the smaller id.
SPLIT = """
CREATE TABLE paid AS
SELECT given.* EXCLUDE (points), points,
    pool * points // total_points
        + CASE WHEN row_number() OVER (PARTITION BY member ORDER BY pool * points % total_points DESC, story)
               <= pool - sum(pool * points // total_points) OVER (PARTITION BY member)
          THEN 1 ELSE 0 END AS micros
FROM given JOIN pool USING (member)
"""

STORIES = """
SELECT any_value(story.id), sum(micros)::VARCHAR, sum(points)::VARCHAR, sum(counted)::VARCHAR, count(*),
    sum(micros * engaged * 10000 // (base_total * whole))::VARCHAR,
    sum(micros * f // whole)::VARCHAR, sum(micros * b // whole)::VARCHAR
FROM paid JOIN story USING (story) GROUP BY story ORDER BY any_value(story.id)
"""

OPENED_BY = """
SELECT any_value(story.id), count(*) FROM opened JOIN story USING (story)
WHERE story IN (SELECT story FROM paid) GROUP BY story
"""

SUMS = """
SELECT coalesce(sum(dues), 0)::VARCHAR, coalesce(sum(own), 0)::VARCHAR, coalesce(sum(carried), 0)::VARCHAR
FROM pool
"""

CARRIED = """
SELECT id, (own + carried - pool)::VARCHAR FROM pool WHERE own + carried <> pool ORDER BY member
"""
