namespace LogDomain.Peers.Peers;

/// <summary>An operation of a library, ready to run: everything that can be done once has been done.</summary>
internal sealed class Contestant(Action run, params IDisposable[] resources) : IDisposable
{
    public void Run() => run();

    public void Dispose()
    {
        foreach (IDisposable resource in resources)
        {
            resource.Dispose();
        }
    }
}
