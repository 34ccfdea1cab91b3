// Appending, flushing, rotating, locking, and who may read the files.

using System.Text;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Tests.SecureLog;

public sealed class LogWriterTests
{
    private static readonly string[] Texts = ["the plan is this", "alice", "192.0.2.1"];

    [Fact]
    public void What_was_flushed_is_read_back_in_order()
    {
        using var log = new TestLog(options: new LogOptions());
        LogRecord[] records =
        [
            TestLog.Record("first"),
            new(TestLog.Time, LogDirection.Sent, "bob", "[2001:db8::1]:4711", Guid.NewGuid(), LogOutcome.NotDelivered, ""),
            LogRecord.Note(TestLog.Time, "node stopped"),
        ];
        using (var writer = log.OpenWriter())
        {
            Assert.Equal([1L, 2L, 3L], records.Select(record => writer.Append(record)));
            writer.Flush();
        }

        Assert.Equal(records.Select((record, i) => new LogEntry(i + 1, record)), log.Read());
        Assert.True(log.Verify().IsIntact);
    }

    [Fact]
    public void A_record_that_was_not_flushed_is_not_in_the_log()
    {
        using var log = new TestLog();
        using (var writer = log.OpenWriter())
        {
            writer.Append(TestLog.Record("dropped"));
            Assert.Equal((1, 0L), (writer.Pending, writer.Count));
        }

        Assert.Empty(log.Read());
    }

    [Fact]
    public void Records_that_are_appended_together_are_taken_all_or_none()
    {
        using var log = new TestLog();
        using (var writer = log.OpenWriter())
        {
            Assert.Equal(2, writer.Append(TestLog.Record("one"), TestLog.Record("two")));
            var tooLong = TestLog.Record("") with { PeerName = new string('é', LogRecord.MaxNameSize) };
            Assert.Throws<ArgumentException>(() => writer.Append(TestLog.Record("three"), tooLong));
            Assert.Equal(2, writer.Pending);
            Assert.Equal(3, writer.Append(TestLog.Record("four")));
            writer.Flush();
        }

        Assert.Equal(["one", "two", "four"], log.Read().Select(entry => entry.Record.Text));
    }

    [Fact]
    public void Numbers_go_on_after_a_restart()
    {
        using var log = TestLog.WithRecords(5);
        using var writer = log.OpenWriter();

        Assert.Equal(5, writer.Count);
        Assert.Equal(6, writer.Append(TestLog.Record("six")));
        Assert.Equal(new LogRecovery(0, 0), writer.Recovery);
    }

    [Fact]
    public void Each_segment_has_a_salt_of_its_own()
    {
        using var log = TestLog.WithRecords(20);
        var salts = log.Folder.Segments().Select(segment =>
        {
            using var file = log.Folder.OpenSegment(segment);
            return Convert.ToHexString(SegmentHeader.Read(file)!.Salt);
        }).ToArray();
        Assert.Equal(log.Segments, salts.Distinct().Count());
        Assert.DoesNotContain(new string('0', 2 * LogFormat.SaltSize), salts);
    }

    [Fact]
    public void A_segment_that_has_reached_its_size_is_followed_by_another()
    {
        using var log = TestLog.WithRecords(20);

        Assert.True(log.Segments >= 5);
        Assert.All(log.Folder.Segments().SkipLast(1), segment => Assert.True(log.Folder.SegmentLength(segment) >= 600));
        Assert.Equal(Enumerable.Range(1, 20).Select(i => $"text {i}"), log.Texts());
        Assert.True(log.Verify().IsIntact);
    }

    [Fact]
    public void The_longest_text_fits_and_a_longer_one_is_refused_before_it_is_taken()
    {
        using var log = new TestLog();
        var longest = new string('x', LogRecord.MaxTextSize);
        using (var writer = log.OpenWriter())
        {
            var name = new string('n', LogRecord.MaxNameSize);
            writer.Append(TestLog.Record(longest) with { PeerName = name, PeerAddress = name });
            Assert.Throws<ArgumentException>(() => writer.Append(TestLog.Record(longest + "x")));
            Assert.Throws<ArgumentException>(() => writer.Append(TestLog.Record("") with { PeerName = new string('é', LogRecord.MaxNameSize) }));
            Assert.Equal(1, writer.Pending);
            writer.Flush();
        }

        Assert.Equal(longest, Assert.Single(log.Texts()));
        Assert.True(log.Verify().IsIntact);
    }

    [Fact]
    public void A_text_that_is_not_well_formed_is_logged_all_the_same()
    {
        using var log = new TestLog();
        log.Write("half a \ud83d pair");

        Assert.Equal(["half a \ufffd pair"], log.Texts());
    }

    [Fact]
    public void What_waits_for_a_flush_is_bounded()
    {
        using var log = new TestLog();
        using var writer = log.OpenWriter(log.Options with { MaxPendingSize = 100 });
        writer.Append(TestLog.Record(new string('x', 100)));

        Assert.Throws<InvalidOperationException>(() => writer.Append(TestLog.Record("one more")));
        writer.Flush();
        writer.Append(TestLog.Record("one more"));
    }

    [Fact]
    public void What_waits_is_all_that_was_appended_together_and_the_bound_itself_is_full()
    {
        using var log = new TestLog();
        var size = LogRecordEncoding.Encode(TestLog.Record("text")).Length;
        using var writer = log.OpenWriter(log.Options with { MaxPendingSize = 2 * size });
        writer.Append(TestLog.Record("text"));
        writer.Append(TestLog.Record("text"));
        Assert.Throws<InvalidOperationException>(() => writer.Append(TestLog.Record("text")));
        writer.Flush();
        writer.Append(TestLog.Record("text"), TestLog.Record("text"));
        Assert.Throws<InvalidOperationException>(() => writer.Append(TestLog.Record("text")));
    }

    [Fact]
    public void A_second_writer_is_refused_and_told_why()
    {
        using var log = new TestLog();
        using (log.OpenWriter())
        {
            Assert.Contains("another process", Assert.Throws<IOException>(() => log.OpenWriter()).Message);
        }

        log.OpenWriter().Dispose();
    }

    [Fact]
    public void A_segment_runs_ahead_of_its_records_and_is_cut_to_them_when_it_is_closed()
    {
        using var log = new TestLog(segmentSize: 1 << 20);
        using (var writer = log.OpenWriter())
        {
            writer.Append(TestLog.Record("one"));
            writer.Flush();
            var length = log.Folder.SegmentLength(1);
            writer.Append(TestLog.Record("two"));
            writer.Flush();

            Assert.True(length > 100_000);
            Assert.Equal(length, log.Folder.SegmentLength(1));
            Assert.Equal(["one", "two"], log.Texts());
            Assert.True(log.Verify() is { IsIntact: true, UnfinishedBytes: 0 });
        }

        Assert.Equal(log.Boundaries(1)[^1], log.Folder.SegmentLength(1));
    }

    [Fact]
    public void Two_writers_at_once_are_found_out_and_nothing_that_was_acknowledged_is_lost()
    {
        using var log = TestLog.WithRecords(2);
        using (var first = log.OpenWriter())
        {
            File.Delete(Path.Combine(log.Folder.Path, "log.lock"));
            using (var second = log.OpenWriter())
            {
                second.Append(TestLog.Record("of the second"));
                second.Flush();
                foreach (var text in new[] { "of the first", "of the first again" })
                {
                    first.Append(TestLog.Record(text));
                    Assert.Equal(LogFault.OtherWriter, Assert.Throws<SecureLogException>(first.Flush).Fault);
                }

                second.Append(TestLog.Record("of the second again"));
                second.Flush();
            }
        }

        Assert.Equal(["text 1", "text 2", "of the second", "of the second again"], log.Texts());
        Assert.True(log.Verify().IsIntact);
    }

    [Fact]
    public void Files_are_their_owners_alone()
    {
        using var log = TestLog.WithRecords(5);
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(log.Folder.Path));
        foreach (var file in Directory.GetFiles(log.Folder.Path))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("pass phrase")]
    public void Nothing_of_a_message_or_a_key_stands_readable_in_any_file(string? passphrase)
    {
        using var log = new TestLog(passphrase);
        using var writer = log.OpenWriter();
        List<byte[]> secrets = [.. Texts.Select(Encoding.UTF8.GetBytes), .. Texts.Select(Encoding.Unicode.GetBytes)];
        using var chain = new ChainKey(log.VerificationKey.Bytes);
        for (var i = 0; i < 12; i++)
        {
            writer.Append(TestLog.Record("the plan is this"));
            writer.Flush();
        }

        for (var link = 0; link < 40; link++)
        {
            secrets.Add(chain.Bytes.ToArray()); // the verification key, all earlier keys, the current one and some later ones
            chain.Advance();
        }

        secrets.Add(TestLog.Record("").MessageId!.Value.ToByteArray(bigEndian: true));
        if (passphrase is not null)
        {
            secrets.Add(log.Key.Epochs[0].Key.ToArray());
        }

        foreach (var file in Directory.GetFiles(log.Folder.Path))
        {
            var bytes = Path.GetFileName(file) == "log.lock" ? [] : TestLog.ReadAll(file);
            Assert.All(secrets, secret => Assert.True(bytes.AsSpan().IndexOf(secret) < 0, $"found in {file}"));
        }
    }

    [Fact]
    public void Only_the_current_key_of_the_chain_is_on_disk()
    {
        using var log = new TestLog();
        using var writer = log.OpenWriter();
        using var keys = new HeadKeys(log.Key);
        using var chain = new ChainKey(log.VerificationKey.Bytes);
        chain.Advance(); // the header of the first segment
        for (var i = 0; i < 2; i++)
        {
            writer.Append(TestLog.Record("text"));
            writer.Flush();
            chain.Advance();
            var pages = TestLog.ReadAll(log.Folder.HeadPath);
            for (var page = 0; page < 2; page++)
            {
                using var head = keys.Open(pages.AsSpan(page * LogFormat.HeadPageSize, LogFormat.SealedHeadSize));
                Assert.True(head!.Key.IsSame(chain));
            }
        }
    }

    [Fact]
    public void A_record_does_not_print_its_text() => Assert.DoesNotContain("secret", new LogEntry(1, TestLog.Record("secret")).ToString());
}
