// A secure log in a temporary folder, with a cheap passphrase, small segments and unless told otherwise a disk that does not wait for syncs,
// and what the tests do with one.

using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;
using ActorChat.Storage.Tests.Sealing;

namespace ActorChat.Storage.Tests.SecureLog;

internal sealed class TestLog : IDisposable
{
    public static readonly DateTimeOffset Time = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _temporary;

    public TestLog(string? passphrase = null, long segmentSize = 600, LogOptions? options = null)
    {
        _temporary = new TemporaryFolder();
        Folder = new LogFolder(_temporary.File("log"));
        options ??= new LogOptions { OpenFile = new FaultyDisk().Open };
        Options = options with { SegmentSize = segmentSize, PassphraseCost = SealedFileTests.Cheap };
        using var key = LogKey.Create(Folder, PassphraseOf(passphrase), Options);
        VerificationKey = VerificationKey.Parse(key.VerificationKey!.ToText());
        Key = LogKey.Open(Folder, PassphraseOf(passphrase));
    }

    private TestLog(TestLog original)
    {
        _temporary = new TemporaryFolder();
        (Folder, Options) = (new LogFolder(_temporary.File("log")), original.Options);
        VerificationKey = VerificationKey.Parse(original.VerificationKey.ToText());
        Key = original.Key.WithoutVerificationKey();
        Directory.CreateDirectory(Folder.Path);
        foreach (var file in Directory.GetFiles(original.Folder.Path).Where(file => Path.GetFileName(file) != "log.lock"))
        {
            File.WriteAllBytes(Path.Combine(Folder.Path, Path.GetFileName(file)), ReadAll(file));
        }
    }

    public LogFolder Folder { get; }

    public LogOptions Options { get; }

    /// <summary>The log key as LogKey.Open gives it, without the verification key.</summary>
    public LogKey Key { get; }

    /// <summary>The verification key that was handed out when the log was created.</summary>
    public VerificationKey VerificationKey { get; }

    public static Passphrase? PassphraseOf(string? text) => text is null ? null : Passphrase.Of(text);

    public static LogRecord Record(string text) =>
        new(Time, LogDirection.Received, "alice", "192.0.2.1:4711", new Guid("00112233-4455-6677-8899-aabbccddeeff"), null, text);

    /// <summary>A log of <paramref name="count"/> records, each flushed by itself, about three to a segment.</summary>
    public static TestLog WithRecords(int count, string? passphrase = null)
    {
        var log = new TestLog(passphrase);
        log.Write([.. Enumerable.Range(1, count).Select(i => $"text {i}")]);
        return log;
    }

    public LogWriter OpenWriter(LogOptions? options = null) => LogWriter.Open(Folder, Key, options ?? Options);

    /// <summary>Opens a writer, appends and flushes each text by itself, and closes it.</summary>
    public void Write(params string[] texts)
    {
        using var writer = OpenWriter();
        foreach (var text in texts)
        {
            writer.Append(Record(text));
            writer.Flush();
        }
    }

    public List<LogEntry> Read(long firstRecord = 1)
    {
        using var reader = new LogReader(Folder, Key, firstRecord);
        return [.. reader.Read()];
    }

    public List<string> Texts() => [.. Read().Select(entry => entry.Record.Text)];

    public LogReport VerifyWithoutKey() => LogVerifier.Verify(Folder, Key);

    public LogReport Verify() => LogVerifier.Verify(Folder, Key, VerificationKey);

    /// <summary>Copies the folder as a thief would, also while a writer runs.</summary>
    public TestLog Copy() => new(this);

    public string SegmentPath(int segment) => Folder.SegmentPath(segment);

    public int Segments => Folder.Segments().Count;

    public static byte[] ReadAll(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Where each record of a segment begins, and where the last one ends.</summary>
    public List<long> Boundaries(int segment)
    {
        using var file = Folder.OpenSegment(segment);
        using var scanner = new SegmentScanner(file, LogFormat.SegmentHeaderSize);
        List<long> boundaries = [scanner.Offset];
        while (scanner.Next(out _) == ScanResult.Record)
        {
            boundaries.Add(scanner.Offset);
        }

        return boundaries;
    }

    /// <summary>Changes the bytes of a file.</summary>
    public static void Edit(string path, Func<byte[], byte[]> edit) => File.WriteAllBytes(path, edit(ReadAll(path)));

    public void Dispose()
    {
        Key.Dispose();
        VerificationKey.Dispose();
        _temporary.Dispose();
    }
}
