// log.head has two pages, and a power failure may spoil one or leave it out of date. The later head counts, in whichever page it is.

using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Tests.SecureLog;

public sealed class HeadFileTests
{
    [Fact]
    public void The_later_of_two_heads_counts_in_whichever_page_it_is()
    {
        using var log = TestLog.WithRecords(5); // the segment ends with the fourth
        var heads = new List<byte[]>();
        for (var count = 6; count <= 9; count++)
        {
            log.Write($"text {count}");
            heads.Add(TestLog.ReadAll(log.Folder.HeadPath));
        }

        Assert.True(log.Segments > 2);
        for (var i = 0; i + 1 < heads.Count; i++)
        {
            foreach (var (first, second) in new[] { (heads[i], heads[i + 1]), (heads[i + 1], heads[i]) })
            {
                File.WriteAllBytes(log.Folder.HeadPath, [.. first[..LogFormat.HeadPageSize], .. second[LogFormat.HeadPageSize..]]);
                using var head = HeadFile.Read(log.Folder, log.Key);
                Assert.Equal(7 + i, head?.Count);
            }
        }
    }
}
