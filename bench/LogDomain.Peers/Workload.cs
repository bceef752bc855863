namespace LogDomain.Peers;

/// <summary>The rows that everybody reads and the memory that everybody writes to.</summary>
internal sealed unsafe class Workload : IDisposable
{
    private const int Seed = 20_24;

    // Drawn once and repeated: a hundred million would take seconds each time.
    private static readonly double[] Pool = Draw(1_000_003);

    /// <summary>Normally distributed logits, as a trained network has them.</summary>
    public Workload(ElementType type, Shape shape)
        : this(type, shape, Logit)
    {
    }

    /// <summary>Fills the rows with what <paramref name="next"/> gives for each row and column, in the order of memory.</summary>
    public Workload(ElementType type, Shape shape, Func<int, int, double> next)
    {
        Type = type;
        Shape = shape;
        Logits = new NativeBuffer((long)shape.Count * type.Size, offset: 0);
        Destination = new NativeBuffer((long)shape.Count * type.Size, offset: 2_048); // as far from the logits as two places in a page can be
        Targets = new int[shape.Rows];
        for (int row = 0; row < shape.Rows; row++)
        {
            Targets[row] = Target(row, shape.Columns);
            for (int column = 0; column < shape.Columns; column++)
            {
                type.Write(Logits.Pointer, ((long)row * shape.Columns) + column, next(row, column));
            }
        }
    }

    public ElementType Type { get; }

    public Shape Shape { get; }

    public NativeBuffer Logits { get; }

    /// <summary>Large enough for every operation; those with one result per row fill its beginning.</summary>
    public NativeBuffer Destination { get; }

    /// <summary>The class of each row, for cross-entropy.</summary>
    public int[] Targets { get; }

    /// <summary>The same rows with every tenth element at minus infinity, in no pattern, but never the target.</summary>
    public static Workload Masked(ElementType type, Shape shape)
    {
        Random random = new(Seed);
        return new(type, shape, (row, column) =>
            random.Next(10) == 0 && column != Target(row, shape.Columns) ? double.NegativeInfinity : Logit(row, column));
    }

    /// <summary>The same rows with one NaN in the middle of the middle row.</summary>
    public static Workload WithNaN(ElementType type, Shape shape) => new(type, shape, (row, column) =>
        row == shape.Rows / 2 && column == shape.Columns / 2 ? double.NaN : Logit(row, column));

    /// <summary>Numbers from a normal distribution around <paramref name="mean"/> (Box and Muller).</summary>
    public static Func<int, int, double> Normal(Random random, double deviation, double mean = 0) => (_, _) =>
        mean + (deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble()));

    public void Dispose()
    {
        Logits.Dispose();
        Destination.Dispose();
    }

    private static int Target(int row, int columns) => (int)(row * 7919L % columns);

    private static double Logit(int row, int column) => Pool[((row * 104_729L) + column) % Pool.Length];

    private static double[] Draw(int count)
    {
        Func<int, int, double> normal = Normal(new Random(Seed), deviation: 4);
        return [.. Enumerable.Range(0, count).Select(i => normal(0, i))];
    }
}
