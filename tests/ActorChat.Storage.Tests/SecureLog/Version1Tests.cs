// A log as version 1 left it, byte for byte, with records of version 1: it is read, verified and continued.

using ActorChat.Storage.SecureLog;
using ActorChat.Storage.Tests.Sealing;

namespace ActorChat.Storage.Tests.SecureLog;

public sealed class Version1Tests
{
    private const string VerificationKeyText = "a99b3867-03745711-a04b7bb1-55ea9cb9-e54f00b1-ce220015-bd228662-9961c026";

    private const string KeyFile = "QUNMT0dLRVkAAAABFxmKC3yvBdBqbYSG38VGiEbMaLIZ6OuAt/mkln54cYs=";

    private const string SealedHead = "QUNMT0dIRUQAAAAB4TLxFOOw07TMJGjzOXQG4rpc15jOcUxHhIEv8CBv1onuZVio6hGbXGJ0XNR4vUDDq/so6RRKXNyyGc1hXk4AcCDpslWQ+OeL/wc570tOgXSvSGaViEBg7z24Vhbn4iTeqFL5Fz"
        + "95az0QoUbRxn252gOQR+LVauaGFD6Vg67+l7URNeZPXonoPVbj4L2IwbrM";

    private const string Segment = "QUNMT0dTRUcAAAABAAAAAQAAAAAAAAABrrUPn0woFPbXc0uqdW+NPSsNJKVsNXQnr/hEI9pX0E0AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABih6QsLSameikym0ESoRvtCSktwd3gsc"
        + "9YaG2bBjQTAAAAQAAAAAAAAAABD1F3K0nlB6HBeewGXJuyWnQ83vncYpzAsZioRJ/9VEE6/4e43AXAWI81tKMNCjs53PyM4Ffg1Zt7MOpy1oufgF6gKIlj7hqKpNM+uJM2Q1dfE7rAfPcUc3c0+h26"
        + "HvWxrOlvQhmtiGwFI9D3osp158ZnFt1XKGIX5QQzA3svFSQAAABAAAAAAAAAAAJrYz2ih0XJVPIQxzYaYXdLtLoA6/FPrIiRbXaw8hj49oBN+oulqWJJK9/ZerwKzsEuFH++Yq28/r5TakZG7vFTAn"
        + "RlHIHdaDYv4KXbXWYyR1XX6evICH4beJxUiqC8RXhTnfIiumaC9o2cb5dIO4DojUH/e/2rgn7EWsxzRJV9sQAAADAAAAAAAAAAA70psItBBp2YcpWA5MJeGBeTNv9jj/nVcpEyvQYTw3fdslRl7+GQ"
        + "Hfs5SPAvT86nc1d3VF1xoy4A0LN1J2Ijys5gNycOfyK9G3t1Mu1/DSo2uc2IjioyBLdXmGmRmmwTSZ++TiGCPtNeMPT6kyxbFMw=";

    private static readonly LogRecord[] Records =
    [
        TestLog.Record("of version 1"),
        new(TestLog.Time, LogDirection.Sent, "bob", "[2001:db8::1]:4711", new Guid("00112233-4455-6677-8899-aabbccddeeff"), LogOutcome.Unknown, ""),
        LogRecord.Note(TestLog.Time, "a note"),
    ];

    [Fact]
    public void A_log_of_version_1_is_read_verified_and_continued()
    {
        using var temporary = new TemporaryFolder();
        var folder = new LogFolder(temporary.File("log"));
        Directory.CreateDirectory(folder.Path);
        File.WriteAllBytes(folder.KeyPath, Convert.FromBase64String(KeyFile));
        File.WriteAllBytes(folder.HeadPath, Convert.FromBase64String(SealedHead));
        File.WriteAllBytes(folder.SegmentPath(1), Convert.FromBase64String(Segment));
        using var verificationKey = VerificationKey.Parse(VerificationKeyText);
        using var key = LogKey.Open(folder, null);
        var numbered = TestLog.Record("of version 2") with { Stream = 7, Sequence = 1, WrittenAt = TestLog.Time };
        AssertHolds(Records);

        using (var writer = LogWriter.Open(folder, key, new LogOptions { OpenFile = new FaultyDisk().Open }))
        {
            Assert.Equal(4, writer.Append(numbered));
            writer.Flush();
        }

        AssertHolds([.. Records, numbered]);

        void AssertHolds(LogRecord[] records)
        {
            using var reader = new LogReader(folder, key);
            Assert.Equal(records, reader.Read().Select(entry => entry.Record));
            Assert.True(LogVerifier.Verify(folder, key, verificationKey) is { IsIntact: true, UnfinishedBytes: 0 });
        }
    }
}
