namespace LogDomain.Cli.Rendering;

/// <summary>A line on the terminal's error stream that says how far long work has come. Nothing where that is no terminal.</summary>
internal static class Progress
{
    private const int Width = 30;
    private static readonly long Start = Environment.TickCount64;
    private static long s_last;

    public static void Show(string what, double share)
    {
        long now = Environment.TickCount64;
        if (Console.IsErrorRedirected || now - Start < 500 || (share < 1 && now - s_last < 100))
        {
            return;
        }

        s_last = now;
        int filled = (int)(share * Width);
        Console.Error.Write($"\r{what,-24} [{new string('#', filled)}{new string('.', Width - filled)}] {share,4:P0}{(share >= 1 ? "\r" + new string(' ', 70) + "\r" : "")}");
    }
}
