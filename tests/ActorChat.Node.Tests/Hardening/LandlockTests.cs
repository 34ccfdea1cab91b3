// The Landlock rules, applied to a thread. Each test uses a new thread, since the rules cannot be lifted again.

using ActorChat.Node.Hardening;

namespace ActorChat.Node.Tests.Hardening;

public sealed class LandlockTests : IDisposable
{
    private readonly string _allowed = Directory.CreateTempSubdirectory("actorchat-landlock-").FullName;
    private readonly string _elsewhere = Directory.CreateTempSubdirectory("actorchat-landlock-").FullName;

    public void Dispose()
    {
        Directory.Delete(_allowed, recursive: true);
        Directory.Delete(_elsewhere, recursive: true);
    }

    [LandlockFact]
    public void A_bound_thread_changes_nothing_outside_its_folders()
    {
        var there = In(_elsewhere, "there");
        File.WriteAllText(there, "as it was");
        Bound(() =>
        {
            Assert.Throws<UnauthorizedAccessException>(() => File.WriteAllText(In(_elsewhere, "new"), ""));
            Assert.Throws<UnauthorizedAccessException>(() => File.WriteAllText(there, "changed"));
            Assert.Throws<UnauthorizedAccessException>(() => File.AppendAllText(there, "changed"));
            Assert.Throws<UnauthorizedAccessException>(() => File.Delete(there));
            Assert.Throws<UnauthorizedAccessException>(() => File.Move(there, there + "2"));
            Assert.Throws<UnauthorizedAccessException>(() => Directory.CreateDirectory(In(_elsewhere, "folder")));
            Assert.Throws<UnauthorizedAccessException>(() => File.CreateSymbolicLink(In(_elsewhere, "link"), there));
            Assert.Equal("as it was", File.ReadAllText(there)); // reading is not restricted
        });
    }

    [LandlockFact]
    public void A_bound_thread_does_in_its_folders_what_a_node_does() => Bound(() =>
    {
        Directory.CreateDirectory(In(_allowed, "alice"));
        var path = In(_allowed, "alice/file");
        File.WriteAllText(path + ".new", "first");
        File.Move(path + ".new", path, overwrite: true);
        File.AppendAllText(path, " and second");
        using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite))
        {
            file.SetLength(5);
        }

        Assert.Equal("first", File.ReadAllText(path));
        File.Delete(path);
        using (var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified))
        {
            socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(In(_allowed, "s")));
        }

        File.WriteAllText("/dev/null", "anything");
    });

    [LandlockFact]
    public void Threads_that_a_bound_thread_makes_are_bound() => Bound(() =>
    {
        Exception? met = null;
        var child = new Thread(() => met = Record.Exception(() => File.WriteAllText(In(_elsewhere, "new"), "")));
        child.Start();
        child.Join();
        Assert.IsType<UnauthorizedAccessException>(met);
    });

    private static string In(string folder, string name) => Path.Combine(folder, name);

    private void Bound(Action test)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(() =>
        {
            _ = NoNewPrivileges(38, 1, 0, 0, 0);
            using var rules = Landlock.Create([_allowed])!;
            Assert.True(rules.BindThread());
            test();
        }));
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "prctl")]
    private static extern int NoNewPrivileges(int option, nuint value, nuint unused3, nuint unused4, nuint unused5);

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class LandlockFactAttribute : FactAttribute
    {
        public LandlockFactAttribute()
        {
            if (!OperatingSystem.IsLinux())
            {
                Skip = "only Linux has Landlock";
                return;
            }

            using var rules = Landlock.Create([]);
            Skip = rules is null ? "this kernel has no Landlock" : null;
        }
    }
}
