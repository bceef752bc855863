namespace LogDomain.Peers;

/// <summary>The rows that everybody reads and the memory that everybody writes to.</summary>
internal sealed unsafe class Workload : IDisposable
{
    private const int Seed = 20_24;

    /// <summary>Normally distributed logits, as a trained network has them.</summary>
    public Workload(ElementType type, Shape shape)
        : this(type, shape, Normal(new Random(Seed), deviation: 4))
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
            Targets[row] = (int)(row * 7919L % shape.Columns);
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

    /// <summary>Numbers from a normal distribution around <paramref name="mean"/> (Box and Muller).</summary>
    public static Func<int, int, double> Normal(Random random, double deviation, double mean = 0) => (_, _) =>
        mean + (deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble()));

    public void Dispose()
    {
        Logits.Dispose();
        Destination.Dispose();
    }
}
