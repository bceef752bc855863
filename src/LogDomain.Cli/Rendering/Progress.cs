namespace LogDomain.Cli.Rendering;

/// <summary>A line on the terminal's error stream that says how far long work has come. Nothing where that is no terminal.</summary>
internal static class Progress
{
    private const int Width = 30;
    private static readonly long Start = Environment.TickCount64;
    private static long _last;

    public static void Show(string what, double share)
    {
        long now = Environment.TickCount64;
        if (Console.IsErrorRedirected || now - Start < 500 || (share < 1 && now - _last < 100))
        {
            return;
        }

        _last = now;
        int filled = (int)(share * Width);
        Console.Error.Write($"\r{what,-24} [{new string('#', filled)}{new string('.', Width - filled)}] {share,4:P0}{(share >= 1 ? "\r" + new string(' ', 70) + "\r" : "")}");
    }
}
