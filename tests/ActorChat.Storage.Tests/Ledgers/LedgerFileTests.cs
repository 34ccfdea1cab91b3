// ledger.sealed: a good snapshot is used, a doubtful one is made again from the log, and the user is told.

using System.Text;
using ActorChat.Storage.Ledgers;
using ActorChat.Storage.SecureLog;
using ActorChat.Storage.Tests.SecureLog;

namespace ActorChat.Storage.Tests.Ledgers;

public sealed class LedgerFileTests
{
    private static string Text(int i) => $"text {i}";

    [Fact]
    public void A_new_log_has_an_empty_ledger_and_nothing_to_tell()
    {
        using var log = new TestLog();
        Assert.Equal((0L, null, 0L), Opened(log));
    }

    [Fact]
    public void A_start_folds_only_what_came_after_the_snapshot()
    {
        using var log = WithSnapshot(records: 6);
        log.Write([.. Enumerable.Range(7, 6).Select(Text)]);

        Assert.Equal((12L, null, 6L), Opened(log));
    }

    [Fact]
    public void A_snapshot_with_nothing_behind_it_is_taken_as_it_is()
    {
        using var log = WithSnapshot(records: 6);
        Assert.Equal((6L, null, 0L), Opened(log));
    }

    [Fact]
    public void A_ledger_remembers_as_much_as_it_is_asked_to()
    {
        using var log = new TestLog();
        using var writer = log.OpenWriter();
        writer.Append(TestLog.Record("one") with { MessageId = Guid.NewGuid() }, TestLog.Record("two") with { MessageId = Guid.NewGuid() });
        writer.Flush();
        Assert.Equal([2, 1], new[] { new LedgerLimits(), new LedgerLimits { Ids = 1 } }.Select(limits => writer.OpenLedger(limits).Ledger.Contacts["alice"].Ids.Count));
    }

    [Fact]
    public void It_is_told_whether_there_is_a_good_snapshot()
    {
        using var log = TestLog.WithRecords(6);
        using var writer = log.OpenWriter();
        var opening = writer.OpenLedger();
        Assert.False(opening.HasSnapshot);
        writer.SaveLedger(opening.Ledger);
        Assert.True(writer.OpenLedger().HasSnapshot);
    }

    [Fact]
    public void A_snapshot_at_any_record_is_gone_on_from()
    {
        for (var records = 1; records <= 9; records++)
        {
            using var log = WithSnapshot(records);
            log.Write("more");
            Assert.Equal((records + 1L, null, 1L), Opened(log));
        }
    }

    [Fact]
    public void A_missing_snapshot_is_made_again_from_the_log()
    {
        using var log = TestLog.WithRecords(6);
        Assert.Equal((6L, "ledger.sealed is missing; what waits and what was received was read again from 6 records of the log.", 6L), Opened(log));
    }

    [Fact]
    public void A_snapshot_of_which_any_byte_is_damaged_is_made_again()
    {
        using var log = WithSnapshot(records: 3);
        var whole = TestLog.ReadAll(log.Folder.LedgerPath);
        for (var at = 0; at < whole.Length; at++)
        {
            TestLog.Edit(log.Folder.LedgerPath, _ => [.. whole[..at], (byte)(whole[at] ^ 1), .. whole[(at + 1)..]]);
            var (upTo, notice, folded) = Opened(log);
            Assert.Equal((3L, 3L), (upTo, folded));
            Assert.StartsWith(at < LogFormat.PreambleSize ? "ledger.sealed is damaged;" : "ledger.sealed is damaged or of another log;", notice, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_snapshot_that_is_cut_short_or_added_to_is_made_again()
    {
        using var log = WithSnapshot(records: 3);
        var whole = TestLog.ReadAll(log.Folder.LedgerPath);
        foreach (var length in Enumerable.Range(0, whole.Length).Append(whole.Length + 1).Append(whole.Length + 16))
        {
            TestLog.Edit(log.Folder.LedgerPath, _ => [.. whole[..Math.Min(length, whole.Length)], .. new byte[Math.Max(0, length - whole.Length)]]);
            var ciphertext = length - LogFormat.PreambleSize - 16 - 32;
            var doubt = ciphertext > 0 && ciphertext % 16 == 0 ? "is damaged or of another log" : "is damaged";
            Assert.Equal((3L, $"ledger.sealed {doubt}; what waits and what was received was read again from 3 records of the log.", 3L), Opened(log));
        }
    }

    [Fact]
    public void A_snapshot_of_another_version_is_made_again()
    {
        using var log = TestLog.WithRecords(3);
        using var keys = log.Key.LedgerKeys();
        var file = new byte[LogFormat.PreambleSize + 16 + 16 + 32];
        LogFormat.WritePreamble(file, LogFormat.LedgerMagic);
        keys.Seal(file, LogFormat.PreambleSize, [2], 32, System.Security.Cryptography.RandomNumberGenerator.Fill);
        File.WriteAllBytes(log.Folder.LedgerPath, file);
        Assert.Equal((3L, "ledger.sealed is of another version; what waits and what was received was read again from 3 records of the log.", 3L), Opened(log));
    }

    // Records behind the head are not acknowledged, and a reader does not see them.
    [Fact]
    public void A_snapshot_of_more_than_the_head_says_or_without_a_head_is_made_again()
    {
        using var log = TestLog.WithRecords(2);
        var head = TestLog.ReadAll(log.Folder.HeadPath);
        log.Write("one more");
        Save(log);
        File.WriteAllBytes(log.Folder.HeadPath, head);
        var opening = LedgerFile.Open(log.Folder, log.Key, new LedgerLimits());
        Assert.Equal((2L, false), (opening.Ledger.UpTo, opening.HasSnapshot));
        Assert.StartsWith("ledger.sealed is not of this log as it is now;", opening.Notice, StringComparison.Ordinal);

        File.Delete(log.Folder.HeadPath);
        Assert.StartsWith(
            "ledger.sealed is not of this log as it is now;", LedgerFile.Open(log.Folder, log.Key, new LedgerLimits()).Notice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_of_another_log_or_of_a_log_that_went_back_is_made_again()
    {
        using var log = TestLog.WithRecords(3);
        using (var copy = log.Copy())
        {
            copy.Write("only there");
            Save(copy);
            File.Copy(copy.Folder.LedgerPath, log.Folder.LedgerPath);
        }

        Assert.StartsWith("ledger.sealed is not of this log as it is now;", Opened(log).Notice, StringComparison.Ordinal);
        log.Write("only here");
        Assert.StartsWith("ledger.sealed is not of this log as it is now;", Opened(log).Notice, StringComparison.Ordinal);
    }

    [Fact]
    public void Records_that_cannot_be_read_are_told()
    {
        using var log = TestLog.WithRecords(3);
        TestLog.Edit(log.SegmentPath(1), bytes =>
        {
            bytes[LogFormat.SegmentHeaderSize + 40] ^= 1;
            return bytes;
        });

        Assert.Contains(" log. 1 records of the log cannot be read", Opened(log).Notice, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_a_ledger_that_holds_what_is_acknowledged_is_saved()
    {
        using var log = TestLog.WithRecords(3);
        using var writer = log.OpenWriter();
        Assert.Throws<ArgumentException>(() => writer.SaveLedger(new Ledger()));
    }

    [Fact]
    public void Nothing_of_a_message_stands_readable_in_the_snapshot()
    {
        using var log = new TestLog();
        using var writer = log.OpenWriter();
        writer.Append(TestLog.Record("the plan is this") with { Direction = LogDirection.Sent, Expires = TestLog.Time });
        writer.Flush();
        writer.SaveLedger(writer.OpenLedger().Ledger);

        var file = TestLog.ReadAll(log.Folder.LedgerPath);
        Assert.Equal("the plan is this", writer.OpenLedger().Ledger.Waiting.Single().Text);
        Assert.True(file.AsSpan().IndexOf("the plan"u8) < 0 && file.AsSpan().IndexOf(Encoding.Unicode.GetBytes("the plan")) < 0 && file.AsSpan().IndexOf("alice"u8) < 0);
    }

    private static TestLog WithSnapshot(int records)
    {
        var log = TestLog.WithRecords(records);
        Save(log);
        return log;
    }

    private static void Save(TestLog log)
    {
        using var writer = log.OpenWriter();
        writer.SaveLedger(writer.OpenLedger().Ledger);
    }

    private static (long UpTo, string? Notice, long Folded) Opened(TestLog log)
    {
        using var writer = log.OpenWriter();
        var opening = writer.OpenLedger();
        return (opening.Ledger.UpTo, opening.Notice, opening.Folded);
    }
}
