// A thief copies the state folder of a running node without a passphrase. So he has the log key, the chain's current key, and all records.
// He wants a log with another past that still verifies. He has a full log writer of his own, which seals, encrypts and MACs
// anything with every key that can be computed from what he has. The same attacks succeed with the verification key, and so do attacks
// on records after the theft. That shows that the attacks work.

using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Tests.SecureLog;

public sealed class ThiefTests
{
    private const int Stolen = 7; // records at the time of the theft, over two segments

    /// <summary>What the thief does to the records. Each edit changes the past.</summary>
    private static readonly (string Name, Func<List<LogRecord>, IEnumerable<LogRecord>> Edit)[] Edits =
    [
        .. Enumerable.Range(0, Stolen).Select(i => ($"alter {i + 1}", Edit(records => records[i] = records[i] with { Text = "never said" }))),
        .. Enumerable.Range(0, Stolen).Select(i => ($"remove {i + 1}", Edit(records => records.RemoveAt(i)))),
        .. Enumerable.Range(0, Stolen).Select(i => ($"insert before {i + 1}", Edit(records => records.Insert(i, TestLog.Record("never said"))))),
        .. Enumerable.Range(0, Stolen).Select(i => ($"keep {i}", Edit(records => records.RemoveRange(i, Stolen - i)))),
        ("reorder", Edit(records => records.Reverse())),
        ("replace all", records => records.Select(_ => TestLog.Record("never said"))),
    ];

    [Fact]
    public void A_thief_of_every_file_cannot_change_what_was_logged_before()
    {
        using var victim = TestLog.WithRecords(Stolen);
        using var writer = victim.OpenWriter(); // the node runs
        using var loot = victim.Copy();
        var thief = new Thief(loot);
        foreach (var (name, edit) in Edits)
        {
            foreach (var (guess, keys) in thief.Guesses())
            {
                foreach (var keepGenuine in new[] { false, true })
                {
                    thief.Forge(edit, keys, keepGenuine);
                    var report = loot.Verify();
                    Assert.False(report.IsIntact, $"{name}, {guess}, {keepGenuine}");
                }
            }
        }
    }

    [Fact]
    public void With_the_verification_key_the_same_forgeries_succeed()
    {
        using var victim = TestLog.WithRecords(Stolen);
        using var loot = victim.Copy();
        var thief = new Thief(loot);
        foreach (var (name, edit) in Edits)
        {
            using var key = new ChainKey(victim.VerificationKey.Bytes);
            thief.Forge(edit, Thief.KeysFrom(key), keepGenuine: false);

            Assert.True(loot.Verify().IsIntact, name);
            Assert.Equal(edit([.. victim.Read().Select(entry => entry.Record)]), loot.Read().Select(entry => entry.Record));
        }
    }

    [Fact]
    public void A_thief_can_forge_what_comes_after_the_theft()
    {
        using var victim = TestLog.WithRecords(Stolen);
        using var loot = victim.Copy();
        victim.Write("the truth");
        loot.Write("a lie");

        Assert.True(loot.Verify().IsIntact);
        Assert.Equal([.. victim.Texts().Take(Stolen), "a lie"], loot.Texts());
    }

    [Fact]
    public void A_thief_can_put_back_what_he_copied_whole_and_only_the_count_tells()
    {
        using var victim = TestLog.WithRecords(Stolen);
        using var loot = victim.Copy();
        var noted = victim.Verify();
        victim.Write("the truth");
        var now = victim.Verify();

        Assert.True(loot.Verify().IsIntact);
        Assert.Equal(noted.LastMac.ToArray(), loot.Verify().LastMac.ToArray());
        Assert.NotEqual(now.Count, loot.Verify().Count);
    }

    [Fact]
    public void A_thief_cannot_cut_the_log_to_before_his_theft()
    {
        using var victim = TestLog.WithRecords(Stolen);
        using var loot = victim.Copy();
        var thief = new Thief(loot);
        for (var kept = 0; kept < Stolen; kept++)
        {
            foreach (var (guess, keys) in thief.Guesses())
            {
                thief.Cut(kept, keys);
                var report = loot.Verify();
                Assert.True(report.Trusted == kept && !report.IsIntact, $"{kept}, {guess}");
            }
        }
    }

    [Fact]
    public void With_the_verification_key_the_same_cuts_succeed()
    {
        using var victim = TestLog.WithRecords(Stolen);
        using var loot = victim.Copy();
        var thief = new Thief(loot);
        using var key = new ChainKey(victim.VerificationKey.Bytes);
        for (var kept = 0; kept < Stolen; kept++)
        {
            thief.Cut(kept, Thief.KeysFrom(key));
            Assert.True(loot.Verify().IsIntact, $"{kept}");
        }
    }

    [Fact]
    public void Under_a_passphrase_a_thief_of_every_file_cannot_even_read()
    {
        using var victim = TestLog.WithRecords(Stolen, "pass phrase");
        using var loot = victim.Copy();

        Assert.Throws<SecureLogException>(() => LogKey.Open(loot.Folder, null));
        Assert.Throws<SealedFileException>(() => LogKey.Open(loot.Folder, Passphrase.Of("guess")));
    }

    private static Func<List<LogRecord>, IEnumerable<LogRecord>> Edit(Action<List<LogRecord>> edit) => records =>
    {
        List<LogRecord> edited = [.. records];
        edit(edited);
        return edited;
    };
}
