// The operating system's limit on open files, and how much of it connections may use.

using ActorChat.Node.Limits;

namespace ActorChat.Node.Tests.Limits;

public sealed class OpenFilesTests
{
    private static readonly ConnectionLimits Wanted = new(1024, 32, 8, 256, 8, 1, 1, 1, 1, 1);

    [Theory]
    [InlineData("Max open files            1024                 1048576              files     ", 1024)]
    [InlineData("Max open files            unlimited            unlimited            files     ", null)]
    [InlineData("Max open files", null)]
    [InlineData("Max processes             95743                95743                processes ", null)]
    public void The_soft_limit_is_read_from_linuxs_table(string line, int? limit) => Assert.Equal(
        limit,
        OpenFiles.LimitIn(["Limit                     Soft Limit           Hard Limit           Units     ", "Max core file size        0   unlimited   bytes", line]));

    [Theory]
    [InlineData(null, 1024, 256)]
    [InlineData(1_048_576, 1024, 256)]
    [InlineData(1536, 1024, 256)]
    [InlineData(1535, 1023, 256)]
    [InlineData(640, 128, 64)]
    [InlineData(256, 16, 8)]
    public void Connections_leave_files_for_the_rest_of_the_node(int? openFiles, int max, int maxUnauthenticated)
    {
        var fitting = Wanted.FittingIn(openFiles);
        Assert.Equal(Wanted with { Max = max, MaxUnauthenticated = maxUnauthenticated }, fitting);
    }
}
