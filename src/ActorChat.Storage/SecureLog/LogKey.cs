// log.key: the log key, which encrypts, and under a passphrase also the verification key, which proves. Inside:
//
//   magic "ACLOGKEY" 8 | version 4 | log key 32 | verification key 32, only under a passphrase and if it is known
//
// Without a passphrase the verification key is handed out once, when the log is created, and is stored nowhere: in this folder it would
// let a thief forge the past. For the same reason a node disposes its LogKey as soon as it has opened its writer.

using System.Security.Cryptography;
using ActorChat.Storage.Sealing;

namespace ActorChat.Storage.SecureLog;

/// <summary>The keys of a secure log. Cleared on <see cref="Dispose"/>.</summary>
public sealed class LogKey : IDisposable
{
    private const int MaxFileSize = 4096;

    private readonly byte[] _key = GC.AllocateArray<byte>(LogFormat.KeySize, pinned: true); // the collector leaves no copies of it behind

    private LogKey(ReadOnlySpan<byte> key, ReadOnlySpan<byte> verificationKey)
    {
        key.CopyTo(_key);
        VerificationKey = verificationKey.IsEmpty ? null : new VerificationKey(verificationKey);
    }

    /// <summary>The verification key, if this log's was just created or its passphrase keeps it; disposed with this object.</summary>
    public VerificationKey? VerificationKey { get; }

    /// <summary>The log key, 32 bytes.</summary>
    internal ReadOnlySpan<byte> Bytes => _key;

    /// <summary>Creates a log: its keys, its first segment, its head, and last <c>log.key</c>, so that a creation cut short leaves no log.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="passphrase">At least one character; null to leave <c>log.key</c> to its file mode alone.</param>
    /// <param name="options">The cost of the passphrase and the seams; the defaults when null.</param>
    /// <returns>The keys. Without a passphrase <see cref="VerificationKey"/> must be shown to the user now: it is stored nowhere.</returns>
    /// <exception cref="SecureLogException"><see cref="LogFault.AlreadyThere"/>: there is a log, with or without its key.</exception>
    /// <exception cref="ArgumentException">The passphrase is empty.</exception>
    /// <exception cref="IOException">The log cannot be written, or another process is creating it.</exception>
    public static LogKey Create(LogFolder folder, string? passphrase, LogOptions? options = null)
    {
        options ??= new LogOptions();
        RefuseEmpty(passphrase);
        PrivateFile.CreateFolder(folder.Path);
        using var exclusive = folder.Lock();
        RefuseExisting(folder);

        Span<byte> bytes = stackalloc byte[2 * LogFormat.KeySize];
        options.Random(bytes);
        var key = new LogKey(bytes[..LogFormat.KeySize], bytes[LogFormat.KeySize..]);
        using var head = new LogHead(new ChainKey(bytes[LogFormat.KeySize..]));
        CryptographicOperations.ZeroMemory(bytes);
        var header = head.BeginSegment(options.Random);
        using (var segment = options.OpenFile(folder.SegmentPath(head.Segment), FileMode.Create))
        {
            segment.Write(header.Bytes);
            segment.Flush(flushToDisk: true);
        }

        using (var file = new HeadFile(options.OpenFile(folder.HeadPath, FileMode.Create), key.HeadKeys(), options.Random))
        {
            file.Write(head);
        }

        PrivateFile.SyncFolder(folder.Path);
        key.Save(folder, passphrase, options);
        return key;
    }

    /// <summary>Opens <c>log.key</c>.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="passphrase">The passphrase; null when there is none.</param>
    /// <exception cref="SecureLogException">The file is missing or damaged, or a passphrase is missing or one too many.</exception>
    /// <exception cref="SealedFileException">The passphrase is wrong, or the key file was altered.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static LogKey Open(LogFolder folder, string? passphrase)
    {
        if (!folder.Exists)
        {
            throw new SecureLogException(LogFault.KeyMissing, $"There is no {folder.KeyPath}. Restore it from a copy, or create a log there.");
        }

        var damaged = new SecureLogException(LogFault.KeyDamaged, $"{folder.KeyPath} is damaged. Restore it from a copy.");
        var file = PrivateFile.Read(folder.KeyPath, MaxFileSize) ?? throw damaged;
        var contents = file;
        try
        {
            contents = (SealedFile.IsSealed(file), passphrase) switch
            {
                (true, null) => throw new SecureLogException(
                    LogFault.PassphraseMissing, $"{folder.KeyPath} is under a passphrase. Give the log's passphrase."),
                (false, not null) => throw new SecureLogException(
                    LogFault.PassphraseNotUsed,
                    $"{folder.KeyPath} is not under a passphrase. "
                    + "If it ought to be, somebody exchanged it: restore it from a copy. If not, give none, or rekey the log."),
                (true, _) => SealedFile.Open(file, passphrase),
                (false, _) => file,
            };
            return Parse(contents) ?? throw damaged;
        }
        catch (SealedFileException e)
        {
            throw new SealedFileException(e.Fault, $"{folder.KeyPath}: {e.Message}");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(file);
            CryptographicOperations.ZeroMemory(contents);
        }
    }

    /// <summary>Puts the same keys under another passphrase, also while a node is writing the log.
    /// A copy of <c>log.key</c> that was made before still opens with the old passphrase.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="passphrase">The new one; null for none, and then <see cref="VerificationKey"/>, no longer stored, is to be shown.</param>
    /// <param name="options">The cost of the passphrase and the seams; the defaults when null.</param>
    /// <param name="verificationKey">The one that the user kept, to go under the passphrase when <c>log.key</c> does not have it.</param>
    /// <exception cref="SecureLogException"><see cref="LogFault.VerificationKeyWrong"/>: that key is not this log's.</exception>
    /// <exception cref="IOException">The file cannot be written; the old one is still there.</exception>
    public void Rekey(LogFolder folder, string? passphrase, LogOptions? options = null, VerificationKey? verificationKey = null)
    {
        RefuseEmpty(passphrase);
        if (verificationKey is not null && !LogVerifier.Begins(folder, verificationKey))
        {
            throw new SecureLogException(
                LogFault.VerificationKeyWrong, "This is not the log's verification key. Copy it again from where it was kept.");
        }

        using var renewed = new LogKey(_key, (verificationKey ?? VerificationKey) is { } known ? known.Bytes : []);
        renewed.Save(folder, passphrase, options ?? new LogOptions());
    }

    /// <summary>The file beside the log in which user secrets are kept, under keys of its own:
    /// <c>HKDF-SHA256(log key, no salt, "ActorChat user secrets v1", 64 bytes)</c>, and for its fingerprints
    /// <c>HKDF-SHA256(log key, no salt, "ActorChat fingerprints v1", 32 bytes)</c>. The caller disposes it.</summary>
    public SecretsFile SecretsFile(LogFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var fingerprintKey = new byte[Sealing.SecretsFile.SecretSize];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, fingerprintKey, salt: [], LogFormat.FingerprintKeyInfo);
        return new SecretsFile(folder.SecretsPath, SealKeys.Derive(_key, [], LogFormat.SecretsKeysInfo), fingerprintKey);
    }

    /// <summary>The file beside the log in which the user's own lines are kept, under keys of its own:
    /// <c>HKDF-SHA256(log key, no salt, "ActorChat input v1", 64 bytes)</c>. The caller disposes it.</summary>
    public InputFile InputFile(LogFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return new InputFile(folder.InputPath, SealKeys.Derive(_key, [], LogFormat.InputKeysInfo));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_key);
        VerificationKey?.Dispose();
    }

    /// <summary><c>HKDF-SHA256(log key, no salt, "ActorChat log v1 head", 64 bytes)</c>.</summary>
    internal SealKeys HeadKeys() => SealKeys.Derive(_key, [], LogFormat.HeadKeysInfo);

    /// <summary><c>HKDF-SHA256(log key, no salt, "ActorChat ledger v1", 64 bytes)</c>.</summary>
    internal SealKeys LedgerKeys() => SealKeys.Derive(_key, [], LogFormat.LedgerKeysInfo);

    /// <summary><c>HKDF-SHA256(log key, the segment's salt, "ActorChat log v1 segment", 64 bytes)</c>.</summary>
    internal SealKeys SegmentKeys(ReadOnlySpan<byte> salt) => SealKeys.Derive(_key, salt, LogFormat.SegmentKeysInfo);

    /// <summary>A copy without the verification key, for whoever has no business with it.</summary>
    internal LogKey WithoutVerificationKey() => new(_key, []);

    // Somebody who types nothing does not mean "no passphrase": that is what null is for.
    private static void RefuseEmpty(string? passphrase)
    {
        if (passphrase is not null)
        {
            ArgumentException.ThrowIfNullOrEmpty(passphrase);
        }
    }

    // A segment that is longer than its header holds records: a new key would start over and hide them.
    private static void RefuseExisting(LogFolder folder)
    {
        if (folder.Exists || folder.Segments().Any(segment => folder.SegmentLength(segment) > LogFormat.SegmentHeaderSize))
        {
            throw new SecureLogException(
                LogFault.AlreadyThere,
                $"There is a log in {folder.Path} already. Open it with its log.key, or move the folder away to start another.");
        }
    }

    private static LogKey? Parse(ReadOnlySpan<byte> contents)
    {
        var keys = LogFormat.HasPreamble(contents, LogFormat.KeyMagic) ? contents[LogFormat.PreambleSize..] : [];
        return keys.Length is LogFormat.KeySize or 2 * LogFormat.KeySize ? new LogKey(keys[..LogFormat.KeySize], keys[LogFormat.KeySize..]) : null;
    }

    private void Save(LogFolder folder, string? passphrase, LogOptions options)
    {
        Span<byte> contents = stackalloc byte[LogFormat.PreambleSize + (2 * LogFormat.KeySize)];
        var size = contents.Length - (passphrase is null || VerificationKey is null ? LogFormat.KeySize : 0);
        LogFormat.WritePreamble(contents, LogFormat.KeyMagic);
        _key.CopyTo(contents[LogFormat.PreambleSize..]);
        if (size == contents.Length)
        {
            VerificationKey!.Bytes.CopyTo(contents[^LogFormat.KeySize..]);
        }

        try
        {
            if (passphrase is null)
            {
                PrivateFile.Replace(folder.KeyPath, contents[..size]);
            }
            else
            {
                SealedFile.Write(folder.KeyPath, contents[..size], passphrase, options.PassphraseCost, options.Random);
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(contents);
        }
    }
}
