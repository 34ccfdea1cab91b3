// log.key and the verification key: made on first use, under a passphrase or not, changed, exchanged, lost.

using System.Text;
using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;
using ActorChat.Storage.Tests.Sealing;

namespace ActorChat.Storage.Tests.SecureLog;

public sealed class LogKeyTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("pass phrase")]
    public void The_verification_key_is_handed_out_once_and_stored_nowhere(string? passphrase)
    {
        using var log = TestLog.WithRecords(1, passphrase);

        Assert.Null(log.Key.VerificationKey);
        Assert.True(log.Verify().IsIntact); // with the key that was handed out at its creation
        var file = TestLog.ReadAll(log.Folder.KeyPath);
        Assert.Equal(44, (passphrase is null ? file : SealedFile.Open(file, Encoding.UTF8.GetBytes(passphrase))).Length);
    }

    [Fact]
    public void A_new_log_puts_its_verification_key_into_a_file_that_was_not_there()
    {
        using var temporary = new TemporaryFolder();
        var folder = new LogFolder(temporary.File("log"));
        var path = temporary.File("verification.key");
        File.WriteAllText(path, "somebody's own");
        var problem = Assert.Throws<IOException>(() => LogKey.Create(folder, null, options: null, path));
        Assert.StartsWith($"{path} is there already; name another file for the verification key, or remove it", problem.Message, StringComparison.Ordinal);
        Assert.False(folder.Exists);
        Assert.Equal("somebody's own", File.ReadAllText(path));

        // The verification key is written after the passphrase's Argon2id, so that there is little time for a kill between it and log.key.
        File.Delete(path);
        var gone = Passphrase.Of("gone");
        gone.Dispose();
        Assert.Throws<ObjectDisposedException>(() => LogKey.Create(folder, gone, options: null, path));
        Assert.False(File.Exists(path));

        using var key = LogKey.Create(folder, null, options: null, path);
        using var kept = VerificationKey.Parse(File.ReadAllText(path));
        Assert.True(LogVerifier.Verify(folder, key, kept) is { IsIntact: true, IsChainChecked: true });
        Assert.True(LogVerifier.Verify(folder, key) is { IsIntact: true, IsChainChecked: true }); // with the verification key that the creator still holds
        using var other = new TestLog();
        Assert.Equal(LogFault.VerificationKeyWrong, Assert.Single(LogVerifier.Verify(folder, key, other.VerificationKey).Findings).Fault); // a key that is given goes before the creator's own

        var handedOut = key.VerificationKey!;
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { _ = handedOut.Bytes; });
    }

    [Fact]
    public void Rekeying_changes_the_passphrase_and_nothing_else()
    {
        using var log = TestLog.WithRecords(2, "old");
        using (var writer = log.OpenWriter())
        {
            log.Key.Rekey(log.Folder, Passphrase.Of("new"), log.Options); // while a node runs
            writer.Append(TestLog.Record("more"));
            writer.Flush();
        }

        Assert.Equal(SealedFileFault.WrongPassphraseOrDamaged, Assert.Throws<SealedFileException>(() => LogKey.Open(log.Folder, Passphrase.Of("old"))).Fault);
        Assert.Equal(log.Options.PassphraseCost, SealedFile.CheckPrefix(TestLog.ReadAll(log.Folder.KeyPath)));
        using var renewed = LogKey.Open(log.Folder, Passphrase.Of("new"));
        Assert.Equal(3, LogVerifier.Verify(log.Folder, renewed, log.VerificationKey).Trusted);
    }

    [Fact]
    public void A_log_of_the_old_kind_gives_its_verification_key_up_when_it_is_rekeyed()
    {
        using var log = TestLog.WithRecords(2, "old");
        var contents = SealedFile.Read(log.Folder.KeyPath, "old"u8);
        SealedFile.Write(log.Folder.KeyPath, [.. contents, .. log.VerificationKey.Bytes], "old"u8, log.Options.PassphraseCost);
        using (var old = LogKey.Open(log.Folder, Passphrase.Of("old")))
        {
            Assert.Equal(log.VerificationKey.ToText(), old.VerificationKey!.ToText());
            Assert.True(LogVerifier.Verify(log.Folder, old) is { IsIntact: true, IsChainChecked: true });
            old.Rekey(log.Folder, Passphrase.Of("new"), log.Options);
        }

        Assert.Equal(contents, SealedFile.Read(log.Folder.KeyPath, "new"u8));
        using var renewed = LogKey.Open(log.Folder, Passphrase.Of("new"));
        Assert.Null(renewed.VerificationKey);
        Assert.True(LogVerifier.Verify(log.Folder, renewed, log.VerificationKey).IsIntact);
    }

    [Fact]
    public void A_passphrase_too_many_or_too_few_is_told()
    {
        using var plain = new TestLog();
        using var sealedLog = new TestLog("pass phrase");

        Assert.Equal(LogFault.PassphraseNotUsed, Assert.Throws<SecureLogException>(() => LogKey.Open(plain.Folder, Passphrase.Of("pass phrase"))).Fault);
        Assert.Equal(LogFault.PassphraseMissing, Assert.Throws<SecureLogException>(() => LogKey.Open(sealedLog.Folder, null)).Fault);
        Assert.Throws<ArgumentException>(() => Passphrase.Of(""));
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
    public void A_folder_that_others_may_write_to_is_refused_and_stays_as_it_is()
    {
        using var log = new TestLog();
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var open = new LogFolder(Directory.CreateDirectory(Path.Combine(log.Folder.Path, "open")).FullName);
        File.SetUnixFileMode(open.Path, (UnixFileMode)0b111_111_111);
        Assert.Throws<UntrustedException>(() => LogKey.Create(open, null));

        Assert.Equal((UnixFileMode)0b111_111_111, File.GetUnixFileMode(open.Path));
        Assert.Empty(Directory.EnumerateFileSystemEntries(open.Path));
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

        // The writer's own objects: of its 2 chain keys one is current and the other is cleared.
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
