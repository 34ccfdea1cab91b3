// log.key: the log key, which encrypts, one for each epoch of the log. Its contents, for a log of one epoch and for one of several:
//
//   magic "ACLOGKEY" 8 | version 1, 4 | log key 32
//   magic "ACLOGKEY" 8 | version 2, 4 | for each epoch: first segment 4 | first record 8 | log key 32
//
// The verification key, which proves, is handed out once, when the log is created, and is not stored in this folder, where it would let a thief
// forge the past. Logs begun by earlier versions under a passphrase have it after the log key (version 1, 32 bytes more) until they are rekeyed.

using System.Buffers.Binary;
using System.Security.Cryptography;
using ActorChat.Secrets;
using ActorChat.Storage.Sealing;

namespace ActorChat.Storage.SecureLog;

/// <summary>The keys of a secure log. Cleared on <see cref="Dispose"/>.</summary>
public sealed class LogKey : IDisposable
{
    private const int MaxFileSize = 4096;

    private readonly Epoch[] _epochs; // in order; the last one is the current one

    private LogKey(IEnumerable<Epoch> epochs, ReadOnlySpan<byte> verificationKey = default)
    {
        _epochs = [.. epochs];
        VerificationKey = verificationKey.IsEmpty ? null : new VerificationKey(verificationKey);
    }

    /// <summary>The verification key, if this log was just created, or was begun by an earlier version and still keeps it; disposed with this object.</summary>
    public VerificationKey? VerificationKey { get; }

    /// <summary>How many epochs the log has: one more for each <see cref="BeginEpoch"/>.</summary>
    public int EpochCount => _epochs.Length;

    /// <summary>The epochs, in order.</summary>
    internal IReadOnlyList<Epoch> Epochs => _epochs;

    private ReadOnlySpan<byte> CurrentKey => _epochs[^1].Key;

    /// <summary>Creates a log: its keys, its first segment, its head, and last <c>log.key</c>, so that a creation cut short leaves no log.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="passphrase">Seals <c>log.key</c>; null leaves only the file mode to protect it.</param>
    /// <param name="options">The cost of the passphrase and the seams; the defaults when null.</param>
    /// <param name="verificationKeyPath">A new file for <see cref="VerificationKey"/>; null for none.</param>
    /// <returns>The keys. <see cref="VerificationKey"/> is stored nowhere else, so without a file it must be shown to the user now.</returns>
    /// <exception cref="SecureLogException"><see cref="LogFault.AlreadyThere"/>: there is a log, with or without its key.</exception>
    /// <exception cref="IOException">The log cannot be written, another process is creating it, or the file for the verification key is there already.</exception>
    public static LogKey Create(LogFolder folder, Passphrase? passphrase, LogOptions? options = null, string? verificationKeyPath = null)
    {
        options ??= new LogOptions();
        PrivateFile.CreateFolder(folder.Path);
        using var exclusive = folder.Lock();
        RefuseExisting(folder);

        Span<byte> bytes = stackalloc byte[2 * LogFormat.KeySize];
        options.Random(bytes);
        var key = new LogKey([new Epoch(1, 1, bytes[..LogFormat.KeySize])], bytes[LogFormat.KeySize..]);
        using var head = new LogHead(new ChainKey(bytes[LogFormat.KeySize..]));
        CryptographicOperations.ZeroMemory(bytes);
        var header = head.BeginSegment(key, options.Random);
        using (var segment = options.OpenFile(folder.SegmentPath(head.Segment), FileMode.Create))
        {
            segment.Write(header.Bytes);
            segment.Flush(flushToDisk: true);
        }

        using (var file = new HeadFile(options.OpenFile(folder.HeadPath, FileMode.Create), new HeadKeys(key), options.Random))
        {
            file.Write(head);
        }

        PrivateFile.SyncFolder(folder.Path);
        key.Save(folder, passphrase, options, beforeKeyFile: () =>
        {
            if (verificationKeyPath is not null)
            {
                key.VerificationKey!.Save(verificationKeyPath);
            }
        });
        return key;
    }

    /// <summary>Opens <c>log.key</c>.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="passphrase">The passphrase; null when there is none.</param>
    /// <exception cref="SecureLogException">The file is missing or damaged, or a passphrase is missing, or was given and is not needed.</exception>
    /// <exception cref="SealedFileException">The passphrase is wrong, or the key file was altered.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static LogKey Open(LogFolder folder, Passphrase? passphrase)
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
                (true, _) => SealedFile.Open(file, passphrase.Utf8),
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

    /// <summary>Puts the same keys under another passphrase, even while a node is writing the log. <see cref="VerificationKey"/> is no longer stored.
    /// An earlier copy of <c>log.key</c> still opens with the old passphrase.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="passphrase">The new one; null for none.</param>
    /// <param name="options">The cost of the passphrase and the seams; the defaults when null.</param>
    /// <exception cref="IOException">The file cannot be written; the old one is still there.</exception>
    public void Rekey(LogFolder folder, Passphrase? passphrase, LogOptions? options = null)
    {
        Save(folder, passphrase, options ?? new LogOptions());
    }

    /// <summary>Begins an epoch: what is logged from now on is under a new log key, and an earlier copy of <c>log.key</c> does not open it. The earlier
    /// keys stay in <c>log.key</c>, for the past. Secrets, ledger and kept input, which are under the log key too, are deleted and made again.</summary>
    /// <inheritdoc cref="Rekey" path="/param"/>
    /// <exception cref="SecureLogException">The log was tampered with, or <see cref="LogFault.TooManyEpochs"/>.</exception>
    /// <exception cref="IOException">A node is writing the log, or the disk fails. Where <c>log.key</c> has the new key already, the next writer begins the epoch.</exception>
    public void BeginEpoch(LogFolder folder, Passphrase? passphrase, LogOptions? options = null)
    {
        options ??= new LogOptions();
        if (_epochs.Length == LogFormat.MaxEpochs)
        {
            throw new SecureLogException(LogFault.TooManyEpochs, $"The log has had {_epochs.Length} keys, and log.key holds no more. Move the folder away and start another log.");
        }

        using var renewed = SaveNextEpoch(folder, passphrase, options);
        using var writer = LogWriter.Open(folder, renewed, options);
        writer.Append(LogRecord.Note(options.Time.GetUtcNow(), $"From here on the log has another key, its number {renewed.EpochCount}."));
        writer.Flush();
        File.Delete(folder.SecretsPath);
        File.Delete(folder.LedgerPath);
        File.Delete(folder.InputPath);
    }

    /// <summary>The file beside the log in which user secrets are kept, under keys of its own:
    /// <c>HKDF-SHA256(log key, no salt, "ActorChat user secrets v1", 64 bytes)</c>, and for its fingerprints
    /// <c>HKDF-SHA256(log key, no salt, "ActorChat fingerprints v1", 32 bytes)</c>. The caller disposes it.</summary>
    public SecretsFile SecretsFile(LogFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var fingerprintKey = new LockedBytes(Sealing.SecretsFile.SecretSize);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, CurrentKey, fingerprintKey.Span, salt: [], LogFormat.FingerprintKeyInfo);
        return new SecretsFile(folder.SecretsPath, SealKeys.Derive(CurrentKey, [], LogFormat.SecretsKeysInfo), fingerprintKey);
    }

    /// <summary>The file beside the log in which the user's own lines are kept, under keys of its own:
    /// <c>HKDF-SHA256(log key, no salt, "ActorChat input v1", 64 bytes)</c>. The caller disposes it.</summary>
    public InputFile InputFile(LogFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return new InputFile(folder.InputPath, SealKeys.Derive(CurrentKey, [], LogFormat.InputKeysInfo));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Array.ForEach(_epochs, epoch => epoch.Dispose());
        VerificationKey?.Dispose();
    }

    /// <summary>The epoch that begins with this segment; null where none does, and for segment 1, whose chain begins with the verification key.</summary>
    internal Epoch? EpochFrom(int segment) => segment == 1 ? null : Array.Find(_epochs, epoch => epoch.FirstSegment == segment);

    /// <summary>Whether new records may go into this segment.</summary>
    internal bool IsOfLastEpoch(int segment) => segment >= _epochs[^1].FirstSegment;

    /// <summary><c>HKDF-SHA256(log key, no salt, "ActorChat ledger v1", 64 bytes)</c>.</summary>
    internal SealKeys LedgerKeys() => SealKeys.Derive(CurrentKey, [], LogFormat.LedgerKeysInfo);

    /// <summary><c>HKDF-SHA256(log key of the segment's epoch, the segment's salt, "ActorChat log v1 segment", 64 bytes)</c>.</summary>
    internal SealKeys SegmentKeys(int segment, ReadOnlySpan<byte> salt) =>
        SealKeys.Derive(Array.FindLast(_epochs, epoch => epoch.FirstSegment <= segment)!.Key, salt, LogFormat.SegmentKeysInfo);

    /// <summary>A copy without the verification key, for code that does not need it.</summary>
    internal LogKey WithoutVerificationKey() => new(CopyEpochs());

    // A segment that is longer than its header holds records. A new key would begin a new log over them.
    private static void RefuseExisting(LogFolder folder)
    {
        if (folder.Exists || folder.Segments().Any(segment => folder.SegmentLength(segment) > LogFormat.SegmentHeaderSize))
        {
            throw new SecureLogException(
                LogFault.AlreadyThere,
                $"There is a log in {folder.Path} already. Open it with its log.key, or move the folder away to start another.");
        }
    }

    // Null when the contents are not a key file. The first epoch begins with the log, each other one after the one before it.
    private static LogKey? Parse(ReadOnlySpan<byte> contents)
    {
        if (LogFormat.HasPreamble(contents, LogFormat.KeyMagic))
        {
            var keys = contents[LogFormat.PreambleSize..];
            return keys.Length is LogFormat.KeySize or 2 * LogFormat.KeySize
                ? new LogKey([new Epoch(1, 1, keys[..LogFormat.KeySize])], keys[LogFormat.KeySize..])
                : null;
        }

        var rest = LogFormat.HasPreamble(contents, LogFormat.KeyMagic, LogFormat.KeyVersion2) ? contents[LogFormat.PreambleSize..] : [];
        if (rest.Length % LogFormat.EpochSize != 0 || rest.Length / LogFormat.EpochSize is < 2 or > LogFormat.MaxEpochs)
        {
            return null;
        }

        var epochs = new List<Epoch>();
        for (; !rest.IsEmpty; rest = rest[LogFormat.EpochSize..])
        {
            epochs.Add(new Epoch(BinaryPrimitives.ReadInt32BigEndian(rest), BinaryPrimitives.ReadInt64BigEndian(rest[sizeof(int)..]), rest[12..LogFormat.EpochSize]));
        }

        var key = new LogKey(epochs);
        if (key._epochs[0] is { FirstSegment: 1, FirstRecord: 1 }
            && key._epochs.Zip(key._epochs.Skip(1)).All(pair => pair.First.FirstSegment < pair.Second.FirstSegment && pair.First.FirstRecord <= pair.Second.FirstRecord))
        {
            return key;
        }

        key.Dispose();
        return null;
    }

    private IEnumerable<Epoch> CopyEpochs() => _epochs.Select(epoch => new Epoch(epoch.FirstSegment, epoch.FirstRecord, epoch.Key));

    // Holds the log's lock, so that nobody appends after the place where the epoch begins.
    private LogKey SaveNextEpoch(LogFolder folder, Passphrase? passphrase, LogOptions options)
    {
        using var writer = LogWriter.Open(folder, this, options);
        Span<byte> key = stackalloc byte[LogFormat.KeySize];
        options.Random(key);
        var renewed = new LogKey([.. CopyEpochs(), new Epoch(writer.Segment + 1, writer.Count + 1, key)]);
        CryptographicOperations.ZeroMemory(key);
        renewed.Save(folder, passphrase, options);
        return renewed;
    }

    // Argon2id runs first, so that little time passes between the verification key's file and log.key: a kill in between leaves a log without its key.
    private void Save(LogFolder folder, Passphrase? passphrase, LogOptions options, Action? beforeKeyFile = null)
    {
        var isFirst = _epochs.Length == 1;
        var contents = GC.AllocateArray<byte>(LogFormat.PreambleSize + (isFirst ? LogFormat.KeySize : _epochs.Length * LogFormat.EpochSize), pinned: true);
        var rest = contents.AsSpan(LogFormat.PreambleSize);
        if (isFirst)
        {
            LogFormat.WritePreamble(contents, LogFormat.KeyMagic);
            CurrentKey.CopyTo(rest);
        }
        else
        {
            LogFormat.WritePreamble(contents, LogFormat.KeyMagic, LogFormat.KeyVersion2);
            foreach (var epoch in _epochs)
            {
                BinaryPrimitives.WriteInt32BigEndian(rest, epoch.FirstSegment);
                BinaryPrimitives.WriteInt64BigEndian(rest[sizeof(int)..], epoch.FirstRecord);
                epoch.Key.CopyTo(rest[12..]);
                rest = rest[LogFormat.EpochSize..];
            }
        }

        try
        {
            var file = passphrase is null ? contents : SealedFile.Seal(contents, passphrase.Utf8, options.PassphraseCost, options.Random);
            beforeKeyFile?.Invoke();
            PrivateFile.Replace(folder.KeyPath, file);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(contents);
        }
    }
}
