// The settings of a log, with the defaults that hocon/actorchat.conf shows.

using System.Security.Cryptography;
using ActorChat.Storage.Sealing;

namespace ActorChat.Storage.SecureLog;

/// <summary>Settings of a secure log, and the seams for time and randomness.</summary>
public sealed record LogOptions
{
    /// <summary>The size at which a segment takes no further flush, in bytes: 64 MiB. The last flush may overshoot it.</summary>
    public long SegmentSize { get; init; } = 64 * 1024 * 1024;

    /// <summary>The most that may wait for <see cref="LogWriter.Flush"/>, in bytes of encoded records: 16 MiB.</summary>
    public long MaxPendingSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>The cost of a guess at the passphrase of <c>log.key</c>.</summary>
    public Argon2Cost PassphraseCost { get; init; } = Argon2Cost.Default;

    /// <summary>Where keys, salts and IVs come from.</summary>
    public RandomSource Random { get; init; } = RandomNumberGenerator.Fill;

    /// <summary>The clock for the notes that the log writes itself.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How log.head and the segments are opened for writing; tests pass disks that fail and machines that stop.</summary>
    internal Func<string, FileMode, FileStream> OpenFile { get; init; } = (path, mode) => new DataFile(path, mode);

    private sealed class DataFile(string path, FileMode mode) : FileStream(path, PrivateFile.Options(mode))
    {
        public override void Flush(bool flushToDisk)
        {
            if (flushToDisk)
            {
                PrivateFile.SyncData(SafeFileHandle);
            }
        }
    }
}
