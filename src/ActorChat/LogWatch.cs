// Waits for a log to grow. The system reports a change where it can (inotify and the like). Where it cannot, on a network file system for instance,
// the log is looked at again after a second.

using ActorChat.Storage.SecureLog;

namespace ActorChat;

/// <summary>Tells when a log may have grown.</summary>
internal sealed class LogWatch : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly FileSystemWatcher _watcher;
    private readonly SemaphoreSlim _changed = new(0, 1);

    /// <summary>Begins to watch.</summary>
    public LogWatch(LogFolder folder)
    {
        _watcher = new FileSystemWatcher(folder.Path, "log.head") { NotifyFilter = NotifyFilters.LastWrite };
        _watcher.Changed += (_, _) => Tell();
        _watcher.Error += (_, _) => Tell();
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>Waits until the log may have grown since the last call, a second at most.</summary>
    public Task WaitAsync(CancellationToken cancellation) => _changed.WaitAsync(Patience, cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        _watcher.Dispose();
        _changed.Dispose();
    }

    private void Tell()
    {
        lock (_watcher)
        {
            if (_changed.CurrentCount == 0)
            {
                _changed.Release();
            }
        }
    }
}
