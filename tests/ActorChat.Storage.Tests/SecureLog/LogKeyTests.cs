// log.key and the verification key: made on first use, under a passphrase or not, changed, exchanged, lost.

using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Tests.SecureLog;

public sealed class LogKeyTests
{
    [Fact]
    public void Without_a_passphrase_the_verification_key_is_handed_out_once()
    {
        using var log = TestLog.WithRecords(1);

        Assert.Null(log.Key.VerificationKey);
        Assert.True(log.Verify().IsIntact); // with the key that creation gave
    }

    [Fact]
    public void Under_a_passphrase_the_key_file_keeps_the_verification_key()
    {
        using var log = TestLog.WithRecords(1, "pass phrase");

        Assert.Equal(log.VerificationKey.ToText(), log.Key.VerificationKey!.ToText());
    }

    [Fact]
    public void Rekeying_changes_the_passphrase_and_nothing_else()
    {
        using var log = TestLog.WithRecords(2, "old");
        using (var writer = log.OpenWriter())
        {
            log.Key.Rekey(log.Folder, "new", log.Options); // under a running node
            writer.Append(TestLog.Record("more"));
            writer.Flush();
        }

        Assert.Equal(SealedFileFault.WrongPassphraseOrDamaged, Assert.Throws<SealedFileException>(() => LogKey.Open(log.Folder, "old")).Fault);
        using var renewed = LogKey.Open(log.Folder, "new");
        Assert.Equal(3, LogVerifier.Verify(log.Folder, renewed).Trusted);
    }

    [Fact]
    public void Taking_the_passphrase_away_takes_the_verification_key_away()
    {
        using var log = TestLog.WithRecords(2, "old");
        log.Key.Rekey(log.Folder, null, log.Options);

        using var renewed = LogKey.Open(log.Folder, null);
        Assert.Null(renewed.VerificationKey);
        Assert.True(TestLog.ReadAll(log.Folder.KeyPath).AsSpan().IndexOf(log.VerificationKey.Bytes) < 0);
        Assert.True(LogVerifier.Verify(log.Folder, renewed, log.VerificationKey).IsIntact);
    }

    [Fact]
    public void A_passphrase_given_later_takes_in_the_verification_key_that_was_kept()
    {
        using var log = TestLog.WithRecords(2);
        using var other = new TestLog();
        var e = Assert.Throws<SecureLogException>(() => log.Key.Rekey(log.Folder, "new", log.Options, other.VerificationKey));
        Assert.Equal(LogFault.VerificationKeyWrong, e.Fault);

        log.Key.Rekey(log.Folder, "new", log.Options);
        using (var without = LogKey.Open(log.Folder, "new"))
        {
            Assert.Null(without.VerificationKey);
            without.Rekey(log.Folder, "newer", log.Options, log.VerificationKey);
        }

        using var with = LogKey.Open(log.Folder, "newer");
        Assert.True(LogVerifier.Verify(log.Folder, with).IsIntact);
    }

    [Fact]
    public void A_passphrase_too_many_or_too_few_is_told()
    {
        using var plain = new TestLog();
        using var sealedLog = new TestLog("pass phrase");

        Assert.Equal(LogFault.PassphraseNotUsed, Assert.Throws<SecureLogException>(() => LogKey.Open(plain.Folder, "pass phrase")).Fault);
        Assert.Equal(LogFault.PassphraseMissing, Assert.Throws<SecureLogException>(() => LogKey.Open(sealedLog.Folder, null)).Fault);
        Assert.Throws<ArgumentException>(() => LogKey.Open(sealedLog.Folder, ""));
        Assert.Throws<ArgumentException>(() => sealedLog.Key.Rekey(sealedLog.Folder, ""));
    }

    [Fact]
    public void A_log_without_its_key_is_not_started_over()
    {
        using var log = TestLog.WithRecords(1);
        Assert.Equal(LogFault.AlreadyThere, Assert.Throws<SecureLogException>(() => LogKey.Create(log.Folder, null)).Fault);

        File.Delete(log.Folder.KeyPath);
        Assert.Equal(LogFault.KeyMissing, Assert.Throws<SecureLogException>(() => LogKey.Open(log.Folder, null)).Fault);
        Assert.Equal(LogFault.AlreadyThere, Assert.Throws<SecureLogException>(() => LogKey.Create(log.Folder, null)).Fault);
    }

    [Fact]
    public void A_folder_that_was_there_is_taken_away_from_others()
    {
        using var log = new TestLog();
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var open = new LogFolder(Directory.CreateDirectory(Path.Combine(log.Folder.Path, "open")).FullName);
        File.SetUnixFileMode(open.Path, (UnixFileMode)0b111_111_111);
        LogKey.Create(open, null).Dispose();

        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(open.Path));
    }

    [Fact]
    public void A_huge_key_file_is_refused()
    {
        using var log = new TestLog();
        using (var file = new FileStream(log.Folder.KeyPath, FileMode.Open))
        {
            file.SetLength(1L << 32); // sparse
        }

        Assert.Equal(LogFault.KeyDamaged, Assert.Throws<SecureLogException>(() => LogKey.Open(log.Folder, null)).Fault);
    }

    [Fact]
    public void A_verification_key_is_written_into_a_new_file_of_its_owner_alone()
    {
        using var log = new TestLog();
        var path = Path.Combine(log.Folder.Path, "verification.key");
        log.VerificationKey.Save(path);

        Assert.Equal(log.VerificationKey.ToText() + "\n", File.ReadAllText(path));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(path) == (UnixFileMode)0b110_000_000);
        Assert.Throws<IOException>(() => log.VerificationKey.Save(path));
    }

    [Fact]
    public void A_flush_leaves_the_chain_key_of_the_last_one_nowhere()
    {
        using var log = new TestLog();
        using var writer = log.OpenWriter();
        for (var i = 0; i < 3; i++)
        {
            writer.Append(TestLog.Record("text"));
            writer.Flush();
        }

        // The writer's own objects: of 2 chain keys one is the current one, and the other is zero.
        var heads = typeof(LogWriter).GetFields(System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)
            .Where(field => field.FieldType == typeof(LogHead)).Select(field => ((LogHead)field.GetValue(writer)!).Key.Bytes.ToArray()).ToList();
        using var chain = new ChainKey(log.VerificationKey.Bytes);
        chain.Advance(4);
        Assert.Equal([chain.Bytes.ToArray(), new byte[LogFormat.KeySize]], heads.OrderByDescending(key => key[0] | key[1] | key[2]));
    }

    [Fact]
    public void A_verification_key_survives_being_written_down()
    {
        using var log = new TestLog();
        var text = log.VerificationKey.ToText();

        Assert.Matches("^([0-9a-f]{8}-){7}[0-9a-f]{8}$", text);
        Assert.Equal(text, VerificationKey.Parse($" {text.Replace('-', ' ').ToUpperInvariant()} ").ToText());
        Assert.Throws<FormatException>(() => VerificationKey.Parse(text.AsSpan(1)));
        Assert.Throws<FormatException>(() => VerificationKey.Parse(text[1..] + "x"));
        Assert.Throws<FormatException>(() => VerificationKey.Parse(text + "0"));
        Assert.Throws<FormatException>(() => VerificationKey.Parse(""));
    }
}
