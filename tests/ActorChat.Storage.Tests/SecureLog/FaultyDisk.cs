// A disk that fails and a machine that stops, under a log's writer. Each write, cut and sync of log.head and the segments is an operation;
// at a chosen one the disk fails (after half of the bytes) or the machine stops (after any part of them). After a power failure
// any operation since its file's last sync may be missing, wholly or in part.

using ActorChat.Storage.Sealing;

namespace ActorChat.Storage.Tests.SecureLog;

/// <summary>The process ends here. It is no IOException, so that nothing in the log handles it.</summary>
internal sealed class MachineStopped : Exception;

internal sealed class FaultyDisk
{
    private readonly List<(string Path, long Position, byte[] Before, long LengthBefore, long LengthAfter)> _unsynced = [];
    private int _operations;
    private int _failFrom = int.MaxValue;
    private int _failures;
    private int _stopAt = int.MaxValue;
    private double _written;

    /// <summary>After <paramref name="from"/> more operations, the next <paramref name="count"/> fail.</summary>
    public void Fail(int from, int count) => (_failFrom, _failures) = (_operations + from, count);

    /// <summary>After <paramref name="at"/> more operations the machine stops in the next one, when it has written this share of its bytes (0 to 1).</summary>
    public void Stop(int at, double written) => (_stopAt, _written) = (_operations + at, written);

    /// <summary>Starts the machine again.</summary>
    /// <param name="lost">What the power failure took of the unsynced operations, two bits for each, the latest first: 0 nothing, 1 all, 2 the first part,
    /// 3 the second. 0 when only the process was killed.</param>
    public void Restart(int lost)
    {
        (_failFrom, _stopAt) = (int.MaxValue, int.MaxValue);
        for (var i = 0; i < _unsynced.Count; i++)
        {
            var (path, position, before, lengthBefore, lengthAfter) = _unsynced[^(i + 1)];
            var what = lost >> (2 * i % 30) & 3;
            if (what == 0 || !File.Exists(path))
            {
                continue;
            }

            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            file.SetLength(what == 1 && file.Length == lengthAfter ? lengthBefore : file.Length);
            var middle = Math.Min(before.Length, 100); // inside the sealed part of a page of log.head
            var (from, to) = (what == 3 ? middle : 0, what == 2 ? middle : before.Length);
            file.Position = position + from;
            file.Write(before.AsSpan(from, (int)Math.Clamp(file.Length - position - from, 0, to - from)));
        }

        _unsynced.Clear();
    }

    public FileStream Open(string path, FileMode mode) => new FaultyStream(this, path, mode);

    private void Operate(Action<double> operation)
    {
        var number = _operations++;
        if (number >= _stopAt)
        {
            if (number == _stopAt)
            {
                operation(_written);
            }

            throw new MachineStopped();
        }

        if (number >= _failFrom && number < _failFrom + _failures)
        {
            operation(0.5);
            throw new IOException("No space left on device");
        }

        operation(1);
    }

    private sealed class FaultyStream(FaultyDisk disk, string file, FileMode mode) : FileStream(file, PrivateFile.Options(mode))
    {
        public override void Write(byte[] buffer, int offset, int count) => disk.Operate(part =>
        {
            var written = (int)(count * part);
            var position = Position;
            Remember(position, Math.Max(Length, position + written), written);
            base.Write(buffer, offset, written);
        });

        public override void SetLength(long value) => disk.Operate(part =>
        {
            if (part == 1)
            {
                Remember(value, value, (int)Math.Max(0, Length - value));
                base.SetLength(value);
            }
        });

        // The machine does not really stop, so nothing has to be synced.
        public override void Flush(bool flushToDisk)
        {
            if (flushToDisk)
            {
                disk.Operate(part => disk._unsynced.RemoveAll(operation => part == 1 && operation.Path == Name));
            }
        }

        private void Remember(long position, long lengthAfter, int count)
        {
            var before = new byte[count]; // what lay beyond the end counts as zero
            RandomAccess.Read(SafeFileHandle, before, position);
            disk._unsynced.Add((Name, position, before, Length, lengthAfter));
        }
    }
}
