// A record as bytes: what is written, what is read in either version, and what is no record.

using System.Text;
using ActorChat.Storage.SecureLog;
using FsCheck.Xunit;

namespace ActorChat.Storage.Tests.SecureLog;

public sealed class LogRecordEncodingTests
{
    private const int Unused = 128;

    private static readonly LogRecord Numbered = TestLog.Record("text") with
    {
        Stream = 0x0102030405060708,
        Sequence = 9,
        WrittenAt = DateTimeOffset.UnixEpoch.AddTicks(10),
        Expires = DateTimeOffset.UnixEpoch.AddTicks(11),
        Missing = 12,
    };

    public static TheoryData<string, LogRecord> Impossible => new()
    {
        { "no direction", Numbered with { Direction = default } },
        { "a direction too many", Numbered with { Direction = LogDirection.Shown + 1, ShownUpTo = 1 } },
        { "no direction, and nothing else wrong", TestLog.Record("text") with { Direction = default } },
        { "a direction too many, and nothing else wrong", TestLog.Record("text") with { Direction = LogDirection.Shown + 1 } },
        { "no outcome that there is", Numbered with { Outcome = default(LogOutcome) } },
        { "an outcome too many", Numbered with { Outcome = LogOutcome.Cancelled + 1 } },
        { "a stream without a number", Numbered with { Sequence = null } },
        { "a number without a stream", Numbered with { Stream = null } },
        { "number zero", Numbered with { Sequence = 0 } },
        { "shown, and not up to where", LogRecord.Shown(TestLog.Time, 1) with { ShownUpTo = null } },
        { "shown up to less than nothing", LogRecord.Shown(TestLog.Time, -1) },
        { "a message that says what was shown", Numbered with { ShownUpTo = 1 } },
        { "less than one is missing", Numbered with { Missing = 0 } },
        { "late, and others missing before it", Numbered with { IsLate = true } },
        { "late without a number", Numbered with { Stream = null, Sequence = null, Missing = null, IsLate = true } },
        { "missing before one that we sent", Numbered with { Direction = LogDirection.Sent } },
    };

    [Property(MaxTest = 300)]
    public void Any_record_decodes_to_itself(
        DateTime time, byte direction, string? name, string? address, Guid? id, byte outcome, string? text, (ulong, DateTime, DateTime) further, byte which)
    {
        var record = new LogRecord(
            Utc(time), (LogDirection)((direction % 4) + 1), Clean(name), Clean(address), id, outcome % 7 == 0 ? null : (LogOutcome)(outcome % 7), Clean(text));
        record = record with
        {
            Stream = (which & 1) == 0 ? null : further.Item1,
            Sequence = (which & 1) == 0 ? null : (long)(further.Item1 >> 1) + 1,
            WrittenAt = (which & 2) == 0 ? null : Utc(further.Item2),
            Expires = (which & 4) == 0 ? null : Utc(further.Item3),
            ShownUpTo = record.Direction == LogDirection.Shown ? which : null,
            IsPostQuantum = (which & 32) != 0,
        };
        if (record is { Direction: LogDirection.Received, Sequence: { } number })
        {
            record = record with { Missing = (which & 8) == 0 ? null : number, IsLate = (which & 24) == 16 };
        }

        var bytes = LogRecordEncoding.Encode(record);
        Assert.Equal(record, LogRecordEncoding.Decode(bytes));
        Assert.Equal((record.Direction, record.Outcome is not null, record.MessageId), LogRecordEncoding.Peek(bytes)); // what a search looks at without decoding
        Assert.Equal(record.Text, Encoding.UTF8.GetString(LogRecordEncoding.TextOf(bytes)));

        static DateTimeOffset Utc(DateTime value) => new(value.Ticks, TimeSpan.Zero);

        static string Clean(string? value) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(value ?? ""));
    }

    [Fact]
    public void Nothing_may_have_been_shown_yet()
    {
        var record = LogRecord.Shown(TestLog.Time, upTo: 0);
        Assert.Equal(record, LogRecordEncoding.Decode(LogRecordEncoding.Encode(record)));
    }

    [Fact]
    public void Names_and_texts_that_are_not_UTF_8_are_no_record()
    {
        var bytes = LogRecordEncoding.Encode(Numbered);
        foreach (var part in new[] { "alice", "192.0.2.1", Numbered.Text })
        {
            var altered = (byte[])bytes.Clone();
            altered[bytes.AsSpan().LastIndexOf(Encoding.UTF8.GetBytes(part))] = 0xff;
            Assert.Null(LogRecordEncoding.Decode(altered));
        }
    }

    [Fact]
    public void The_members_are_where_they_are_documented()
    {
        const string Id = "00112233445566778899aabbccddeeff";
        var bytes = Convert.ToHexStringLower(LogRecordEncoding.Encode(Numbered));
        Assert.Equal("01" + "00" + "4f" + Id, bytes[18..56]);
        Assert.Equal("0102030405060708" + "0000000000000009" + "000000000000000a" + "000000000000000b" + "000000000000000c" + "0005" + Convert.ToHexStringLower("alice"u8), bytes[56..150]);
        Assert.Equal("0000000000000000", Convert.ToHexStringLower(LogRecordEncoding.Encode(Numbered with { Missing = null, IsLate = true }))[120..136]);

        Assert.Equal(bytes[..22] + "6f" + bytes[24..], Convert.ToHexStringLower(LogRecordEncoding.Encode(Numbered with { IsPostQuantum = true }))); // one bit more, and no further byte

        bytes = Convert.ToHexStringLower(LogRecordEncoding.Encode(LogRecord.Shown(TestLog.Time, upTo: 12)));
        Assert.Equal("04" + "00" + "10" + new string('0', 32) + "000000000000000c" + "0000" + "0000", bytes[18..]);
    }

    [Property(MaxTest = 1000)]
    public void Altered_bytes_of_a_record_decode_to_nothing_or_to_another_record(byte at, byte value, bool cut)
    {
        var bytes = LogRecordEncoding.Encode(Numbered);
        var position = at % bytes.Length;
        bytes[position] = value;

        if (LogRecordEncoding.Decode(cut ? bytes.AsSpan(0, position) : bytes) is { } record)
        {
            Assert.Equal(record, LogRecordEncoding.Decode(LogRecordEncoding.Encode(record)));
        }
    }

    [Theory]
    [MemberData(nameof(Impossible))]
    public void What_is_no_record_is_refused(string what, LogRecord record)
    {
        using var log = new TestLog();
        using var writer = log.OpenWriter();
        Assert.NotEmpty(Assert.Throws<ArgumentException>(() => writer.Append(record)).Message);
        Assert.True(writer.Pending == 0, what);
    }

    [Fact]
    public void What_this_version_would_not_have_written_is_no_record()
    {
        var longest = LogRecordEncoding.Encode(TestLog.Record("") with { PeerName = new string('n', 1024), Text = new string('t', 1024 * 1024) });
        Assert.NotNull(LogRecordEncoding.Decode(longest));
        Assert.Null(LogRecordEncoding.Decode([.. longest, (byte)'t']));

        Assert.NotNull(LogRecordEncoding.Decode(WithName(1024)));
        Assert.Null(LogRecordEncoding.Decode(WithName(1025)));

        var withoutId = LogRecordEncoding.Encode(TestLog.Record("") with { MessageId = null });
        Assert.NotNull(LogRecordEncoding.Decode(withoutId));
        Assert.Null(LogRecordEncoding.Decode(With(withoutId, at: 20, 1)));
        Assert.Null(LogRecordEncoding.Decode(With(withoutId, at: 11, Unused)));
        Assert.Null(LogRecordEncoding.Decode(With(withoutId, at: 0, 3)));
        Assert.Null(LogRecordEncoding.Decode(With(LogRecordEncoding.Encode(Numbered), at: 43, 0)));

        byte[] WithName(int size) => [.. longest[..28], (byte)(size >> 8), (byte)size, .. Enumerable.Repeat((byte)'n', size), 0, 0];
    }

    [Fact]
    public void Version_1_has_nothing_that_came_later()
    {
        var plain = LogRecordEncoding.Encode(TestLog.Record("text"));
        Assert.Equal(TestLog.Record("text"), LogRecordEncoding.Decode(With(plain, at: 0, 1)));
        LogRecord[] later =
        [
            Numbered, TestLog.Record("") with { Outcome = LogOutcome.Expired }, LogRecord.Shown(TestLog.Time, 1), TestLog.Record("") with { WrittenAt = TestLog.Time }, TestLog.Record("") with { IsPostQuantum = true },
        ];
        Assert.All(later, record => Assert.Null(LogRecordEncoding.Decode(With(LogRecordEncoding.Encode(record), at: 0, 1))));
    }

    private static byte[] With(byte[] bytes, int at, byte value)
    {
        var changed = (byte[])bytes.Clone();
        changed[at] = value;
        return changed;
    }
}
