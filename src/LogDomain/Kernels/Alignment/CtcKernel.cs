using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Alignment;

/// <summary>
/// The loss of connectionist temporal classification and its gradient, forwards and backwards over the states of a target: Graves et al., ICML 2006, equations 6 to 16.
/// </summary>
/// <remarks>
/// <para>
/// A target of S tokens has S + 1 blanks around S labels. Blanks and labels are two arrays, so that a step needs its neighbours at distance 1 alone:
/// <c>b'[i] = (b[i] + l[i-1]) p_blank</c> and <c>l'[i] = (l[i] + b[i] + [skip i] l[i-1]) p_i</c>. Places lie in the lanes, and each state has an exponent of its own (<see cref="ScaledLanes{TLanes}"/>):
/// no path is lost however far it lies below another, and the only exponentials are those of the frame's classes that the target has, each once.
/// </para>
/// <para>
/// Memory is O(sqrt(T) S), beyond a megabyte that is worth keeping as it is: forwards keep every K-th frame, K = sqrt(T), and backwards compute the K frames between two of them again (Chen et al. 2016, "Training deep nets with sublinear memory
/// cost"). They stay in the cache then, which pays for the second computation.
/// </para>
/// </remarks>
internal unsafe ref struct CtcKernel<TLanes, T>
    where TLanes : unmanaged, ILanes<TLanes>
    where T : unmanaged
{
    /// <summary>Frames times places that are kept as a whole: 4 MB of states, beyond which they would come from memory.</summary>
    private const int Small = 1 << 17;

    private readonly CtcProblem<T> _problem;
    private readonly int _width;       // of an array of places: S + 1 in whole vectors, and a vector of zeros on either side
    private readonly int _block;       // frames between two that are kept
    private readonly int* _classes;    // those that count, the blank first, each once
    private readonly int* _index;      // of each label among them
    private readonly int _count;
    private readonly int _row;         // of numbers by class: the count in whole vectors
    private readonly double* _lse;     // log(sum e^x) of each frame; 0 for probabilities
    private readonly double* _skip;    // mask: whether label i may follow label i - 1 without a blank
    private readonly double* _emitted; // of the frames of a block: mantissas and exponents of labels, then probabilities by class
    private readonly double* _kept;    // states of the frames that are kept
    private readonly double* _frames;  // states of the frames of a block
    private readonly double* _next;    // what comes from behind: two rows, in turn
    private readonly double* _shares;  // of the labels in one frame
    private readonly double* _byClass; // three rows by class: logarithms, mantissas and exponents; then sums of shares in the first
    private bool _isBad;

    private CtcKernel(in CtcProblem<T> problem, double* memory, int* classes, int count, int width, int block)
    {
        _problem = problem;
        _width = width;
        _block = block;
        _classes = classes;
        _index = classes + problem.TargetLength + 1;
        _count = count;
        _row = (count + TLanes.Count - 1) / TLanes.Count * TLanes.Count;
        _skip = memory;
        _shares = _skip + width;
        _next = _shares + width;
        _byClass = _next + (8 * width);
        _kept = _byClass + (3 * _row);
        _frames = _kept + (4 * (nint)width * Kept(problem, block));
        _emitted = _frames + (4 * (nint)width * (block + 1));
        _lse = _emitted + (((2 * width) + _row) * (nint)block);
    }

    /// <summary>The loss; the gradient, if there is to be one, is written as a whole.</summary>
    public static double Run(in CtcProblem<T> problem)
    {
        int width = (((problem.TargetLength + 1 + TLanes.Count - 1) / TLanes.Count) + 2) * TLanes.Count;
        bool isSmall = (long)problem.Frames * width <= Small;
        int block = Math.Max(1, problem.Gradient == null ? 1 : isSmall ? problem.Frames : (int)Math.Ceiling(Math.Sqrt(problem.Frames)));
        using Scratch<int> labels = new((2 * problem.TargetLength) + 1);
        fixed (int* classes = labels.Span)
        {
            int count = Classes(problem, classes, classes + problem.TargetLength + 1);
            int row = (count + TLanes.Count - 1) / TLanes.Count * TLanes.Count;
            nint length = (4 * (nint)width * (Kept(problem, block) + block + 1)) + (((2 * width) + row) * (nint)block) + (10 * width) + (3 * row) + problem.Frames;
            using Scratch<double> scratch = new(length + 8);
            fixed (double* memory = scratch.Span)
            {
                double* aligned = (double*)(((nint)memory + 63) & ~63);   // vectors that begin with a line of the cache
                return new CtcKernel<TLanes, T>(problem, aligned, classes, count, width, block).Run();
            }
        }
    }

    private static nint Kept(in CtcProblem<T> problem, int block) => problem.Gradient == null ? 1 : ((problem.Frames + block - 1) / block) + 1;

    /// <summary>The classes of the blank and of the labels, each once, and where each label's is.</summary>
    private static int Classes(in CtcProblem<T> problem, int* classes, int* index)
    {
        Span<int> sorted = new(classes + 1, problem.TargetLength);
        new Span<int>(problem.Target, problem.TargetLength).CopyTo(sorted);
        sorted.Sort();
        classes[0] = problem.Blank;
        int count = 1;
        for (int i = 0; i < sorted.Length; i++)
        {
            if (count == 1 || sorted[i] != classes[count - 1])
            {
                classes[count++] = sorted[i];
            }
        }

        for (int i = 0; i < problem.TargetLength; i++)
        {
            index[i] = 1 + new Span<int>(classes + 1, count - 1).BinarySearch(problem.Target[i]);
        }

        return count;
    }

    private double Run()
    {
        nint size = (nint)_problem.Frames * _problem.Classes;
        SumFrames();
        PrepareStates();
        double* last = Forward();
        double loss = double.NaN;
        ScaledNumber total = ScaledNumber.Zero;
        if (!_isBad)
        {
            int s = TLanes.Count + _problem.TargetLength;
            total = new ScaledNumber(last[s], last[_width + s]) + new ScaledNumber(last[(2 * _width) + s - 1], last[(3 * _width) + s - 1]);
            loss = 0 - total.Log();
        }

        if (_problem.Gradient != null)
        {
            if (double.IsFinite(loss))
            {
                Backward(total);
            }
            else if (double.IsNaN(loss) || !_problem.ZeroInfinity)
            {
                new Span<T>(_problem.Gradient, checked((int)size)).Fill(Of(double.NaN));
            }
            else
            {
                new Span<T>(_problem.Gradient, checked((int)size)).Clear();
            }
        }

        return _problem.ZeroInfinity && double.IsPositiveInfinity(loss) ? 0 : loss;
    }

    /// <summary>log(sum e^x) of each frame in double, from the loss of its blank; and the softmax in place of the gradient, in the same pass.</summary>
    private void SumFrames()
    {
        if (!_problem.IsLogits)
        {
            new Span<double>(_lse, _problem.Frames).Clear();
            if (_problem.Gradient != null)
            {
                new Span<T>(_problem.Gradient, checked((int)((nint)_problem.Frames * _problem.Classes))).Clear();
            }

            return;
        }

        using Scratch<int> targets = new(_problem.Frames);
        targets.Span.Fill(_problem.Blank);
        fixed (int* target = targets.Span)
        {
            RowKernels<T>.Best!.CrossEntropy(_problem.Input, _problem.Gradient, _problem.Frames, _problem.Classes, target, null, _lse, _problem.Weight);
        }

        for (int t = 0; t < _problem.Frames; t++)
        {
            _lse[t] = CtcKernel.LogSumExp(_problem.Input + ((nint)t * _problem.Classes), _problem.Classes, _problem.Blank, _lse[t]);
        }
    }

    private void PrepareStates()
    {
        new Span<double>(_skip, _width).Clear();
        for (int i = 1; i < _problem.TargetLength; i++)
        {
            _skip[TLanes.Count + i] = _problem.Target[i] == _problem.Target[i - 1] ? 0 : BitConverter.Int64BitsToDouble(-1);
        }

        new Span<double>(_byClass, _row).Fill(double.NegativeInfinity);
        Clear(_next, _width);
        Clear(_next + (4 * _width), _width);
        Clear(_kept, _width);
        for (double* row = _kept + (4 * (nint)_width); row < _emitted; row += 4 * _width)
        {
            // The first and last vectors stay.
            Clear(row, TLanes.Count);
            Clear(row + _width - TLanes.Count, TLanes.Count);
        }

        for (nint row = 0; row < _block; row++)
        {
            Span<double> mantissas = new(Emitted((int)row), _width), exponents = new(Emitted((int)row) + _width, _width);
            mantissas[(TLanes.Count + _problem.TargetLength)..].Fill(1);
            exponents[(TLanes.Count + _problem.TargetLength)..].Fill(double.NegativeInfinity);
        }
    }

    /// <summary>Zeros in some places of a row.</summary>
    private readonly void Clear(double* row, int count)
    {
        for (int part = 0; part < 4; part++)
        {
            new Span<double>(row + (part * _width), count).Fill(part % 2 == 0 ? 1 : double.NegativeInfinity);
        }
    }

    private readonly double* Emitted(int frame) => _emitted + (((2 * _width) + _row) * (nint)frame);

    /// <summary>All frames, of which those at the borders of blocks are kept where there is to be a gradient; gives the last.</summary>
    private double* Forward()
    {
        double* start = _kept;
        start[_width + TLanes.Count] = 0;
        if (_problem.Gradient == null)
        {
            double* from = start, to = _frames;
            for (int t = 0; t < _problem.Frames && !_isBad; t++)
            {
                Emit(t, Emitted(0));
                Step(from, to, Emitted(0));
                Normalise(to, t);
                double* swap = from;
                from = to;
                to = swap;
            }

            return from;
        }

        double* end = start;
        for (int first = 0, index = 0; first < _problem.Frames && !_isBad; first += _block, index++)
        {
            int count = Math.Min(_block, _problem.Frames - first);
            ForwardBlock(_kept + (4 * (nint)_width * index), first, count);
            end = _kept + (4 * (nint)_width * (index + 1));
            new Span<double>(_frames + (4 * (nint)_width * count), 4 * _width).CopyTo(new(end, 4 * _width));
        }

        return end;
    }

    /// <summary>Frames of one block, after the states before it.</summary>
    private void ForwardBlock(double* before, int first, int count)
    {
        new Span<double>(before, 4 * _width).CopyTo(new(_frames, 4 * _width));
        for (int i = 0; i < count && !_isBad; i++)
        {
            Emit(first + i, Emitted(i));
            Step(_frames + (4 * (nint)_width * i), _frames + (4 * (nint)_width * (i + 1)), Emitted(i));
            Normalise(_frames + (4 * (nint)_width * (i + 1)), first + i);
        }
    }

    /// <summary>The probabilities of the blank and of the labels in a frame; those of the blank are before the labels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Emit(int frame, double* emitted)
    {
        T* row = _problem.Input + ((nint)frame * _problem.Classes);
        int* classes = _classes, index = _index;
        int size = _row, count = _count, width = _width, length = _problem.TargetLength;
        double* logarithms = _byClass, mantissas = logarithms + size, exponents = mantissas + size, probabilities = emitted + (2 * width);
        double lse = _lse[frame];
        bool isGood = true;
        for (int c = 0; c < count; c++)
        {
            double x = Double(row[classes[c]]) - lse;
            isGood &= x < double.PositiveInfinity;
            logarithms[c] = x;
        }

        _isBad |= !isGood;
        for (int c = 0; c < size; c += TLanes.Count)
        {
            TLanes mantissa = ScaledLanes<TLanes>.Exp(TLanes.Load(logarithms + c), out TLanes exponent);
            mantissa.Store(mantissas + c);
            exponent.Store(exponents + c);
            ScaledLanes<TLanes>.Over(mantissa, exponent, TLanes.Create(0)).Store(probabilities + c);
        }

        emitted[0] = mantissas[0];
        emitted[width] = exponents[0];
        emitted += TLanes.Count;
        for (int i = 0; i < length; i++)
        {
            int c = index[i];
            emitted[i] = mantissas[c];
            emitted[width + i] = exponents[c];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Step(double* from, double* to, double* emitted)
    {
        int width = _width;
        double* skip = _skip, mantissas = emitted, exponents = emitted + width;
        TLanes blank = TLanes.Create(mantissas[0]), blankExponent = TLanes.Create(exponents[0]);
        for (int i = TLanes.Count; i < width - TLanes.Count; i += TLanes.Count)
        {
            double* at = from + i, destination = to + i;
            TLanes b = TLanes.Load(at), bExponent = TLanes.Load(at + width), l = TLanes.Load(at + (2 * width)), lExponent = TLanes.Load(at + (3 * width));
            TLanes before = TLanes.Load(at + (2 * width) - 1), beforeExponent = TLanes.Load(at + (3 * width) - 1);

            TLanes exponent = TLanes.Max(bExponent, beforeExponent);
            TLanes sum = TLanes.FusedMultiplyAdd(b, ScaledLanes<TLanes>.Scale(exponent, bExponent), before * ScaledLanes<TLanes>.Scale(exponent, beforeExponent));
            exponent += blankExponent;
            (sum * blank).Store(destination);
            exponent.Store(destination + width);

            beforeExponent = ScaledLanes<TLanes>.Where(TLanes.Load(skip + i), beforeExponent);
            exponent = TLanes.Max(TLanes.Max(bExponent, lExponent), beforeExponent);
            sum = before * ScaledLanes<TLanes>.Scale(exponent, beforeExponent);
            sum = TLanes.FusedMultiplyAdd(b, ScaledLanes<TLanes>.Scale(exponent, bExponent), sum);
            sum = TLanes.FusedMultiplyAdd(l, ScaledLanes<TLanes>.Scale(exponent, lExponent), sum);
            exponent += TLanes.Load(exponents + i);
            (sum * TLanes.Load(mantissas + i)).Store(destination + (2 * width));
            exponent.Store(destination + (3 * width));
        }
    }

    /// <summary>Mantissas brought back to 1: a frame moves them by 2^-0.5 to 2^2.1, and 16 frames by no more than 2^34, beside which the reach of 2^-1000 is the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Normalise(double* states, int frame)
    {
        if (frame % 16 != 0)
        {
            return;
        }

        int width = _width;
        for (int i = 0; i < 2 * width; i += TLanes.Count)
        {
            double* at = states + (i < width ? i : i + width);
            TLanes exponent = TLanes.Load(at + width);
            ScaledLanes<TLanes>.Normalise(TLanes.Load(at), ref exponent).Store(at);
            exponent.Store(at + width);
        }
    }

    private void Backward(ScaledNumber total)
    {
        int end = TLanes.Count + _problem.TargetLength;
        double* from = _next, to = _next + (4 * _width);
        from[_width + end] = 0;
        for (int first = (_problem.Frames - 1) / _block * _block, index = first / _block; first >= 0; first -= _block, index--)
        {
            int count = Math.Min(_block, _problem.Frames - first);
            if (_block < _problem.Frames)
            {
                ForwardBlock(_kept + (4 * (nint)_width * index), first, count);
            }

            for (int i = count - 1; i >= 0; i--)
            {
                double share = StepBack(from, to, _frames + (4 * (nint)_width * (i + 1)), Emitted(i), total);
                Normalise(to, first + i);
                WriteGradient(first + i, Emitted(i) + (2 * _width), share);
                double* swap = from;
                from = to;
                to = swap;
            }
        }
    }

    /// <summary>One frame back: the shares of labels, their sum over blanks as the result, and what goes on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly double StepBack(double* from, double* to, double* forward, double* emitted, ScaledNumber total)
    {
        int width = _width;
        double* skip = _skip, mantissas = emitted, exponents = emitted + width, shares = _shares;
        TLanes blank = TLanes.Create(mantissas[0]), blankExponent = TLanes.Create(exponents[0]);
        TLanes blanks = TLanes.Create(0), totalExponent = TLanes.Create(total.Exponent), factor = TLanes.Create(1 / total.Mantissa);
        for (int i = TLanes.Count; i < width - TLanes.Count; i += TLanes.Count)
        {
            double* at = from + i, destination = to + i, there = forward + i;
            TLanes b = TLanes.Load(at), bExponent = TLanes.Load(at + width), l = TLanes.Load(at + (2 * width)), lExponent = TLanes.Load(at + (3 * width));
            TLanes exponent = TLanes.Max(bExponent, lExponent);
            TLanes sum = TLanes.FusedMultiplyAdd(b, ScaledLanes<TLanes>.Scale(exponent, bExponent), l * ScaledLanes<TLanes>.Scale(exponent, lExponent));
            blanks += ScaledLanes<TLanes>.Over(sum * TLanes.Load(there), exponent + TLanes.Load(there + width), totalExponent);
            exponent += blankExponent;
            (sum * blank).Store(destination);
            exponent.Store(destination + width);

            b = TLanes.Load(at + 1);
            bExponent = TLanes.Load(at + width + 1);
            TLanes next = TLanes.Load(at + (2 * width) + 1), nextExponent = ScaledLanes<TLanes>.Where(TLanes.Load(skip + i + 1), TLanes.Load(at + (3 * width) + 1));
            exponent = TLanes.Max(TLanes.Max(bExponent, lExponent), nextExponent);
            sum = next * ScaledLanes<TLanes>.Scale(exponent, nextExponent);
            sum = TLanes.FusedMultiplyAdd(b, ScaledLanes<TLanes>.Scale(exponent, bExponent), sum);
            sum = TLanes.FusedMultiplyAdd(l, ScaledLanes<TLanes>.Scale(exponent, lExponent), sum);
            TLanes share = ScaledLanes<TLanes>.Over(sum * TLanes.Load(there + (2 * width)), exponent + TLanes.Load(there + (3 * width)), totalExponent);
            (share * factor).Store(shares + i);
            exponent += TLanes.Load(exponents + i);
            (sum * TLanes.Load(mantissas + i)).Store(destination + (2 * width));
            exponent.Store(destination + (3 * width));
        }

        double* lanes = stackalloc double[8];
        (blanks * factor).Store(lanes);
        double blankShare = 0;
        for (int i = 0; i < TLanes.Count; i++)
        {
            blankShare += lanes[i];
        }

        return blankShare;
    }

    /// <summary>Softmax less shares, for the classes of the target and the blank; the others are there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void WriteGradient(int frame, double* probabilities, double blanks)
    {
        double* shares = _shares + TLanes.Count, sums = _byClass;
        int* index = _index, classes = _classes;
        int length = _problem.TargetLength, count = _count;
        new Span<double>(sums, count).Clear();
        sums[0] = blanks;
        for (int i = 0; i < length; i++)
        {
            sums[index[i]] += shares[i];
        }

        // Where the input is probabilities already, nothing comes from the softmax.
        double weight = _problem.Weight;
        bool isLogits = _problem.IsLogits;
        T* y = _problem.Gradient + ((nint)frame * _problem.Classes);
        for (int c = 0; c < count; c++)
        {
            y[classes[c]] = Of(weight * ((isLogits ? probabilities[c] : 0) - sums[c]));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Double(T value) => typeof(T) == typeof(float) ? (float)(object)value : (double)(object)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Of(double value) => typeof(T) == typeof(float) ? (T)(object)(float)value : (T)(object)value;
}

/// <summary>The kernel for the widest vectors of this machine.</summary>
internal static class CtcKernel
{
    private static bool IsWide => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;

    public static double Run<T>(in CtcProblem<T> problem)
        where T : unmanaged =>
        IsWide ? CtcKernel<DoubleVector512, T>.Run(problem) : CtcKernel<DoubleVector256Pair, T>.Run(problem);

    /// <summary>log(sum e^x) of a frame in double.</summary>
    public static unsafe double LogSumExp<T>(ReadOnlySpan<T> frame, int anchor)
        where T : unmanaged
    {
        fixed (T* row = frame)
        {
            double loss;
            RowKernels<T>.Best!.CrossEntropy(row, null, 1, frame.Length, &anchor, null, &loss, 1);
            return LogSumExp(row, frame.Length, anchor, loss);
        }
    }

    /// <summary>The same, from the loss of a class.</summary>
    public static unsafe double LogSumExp<T>(T* row, int classes, int anchor, double loss)
        where T : unmanaged
    {
        // From a class far below the others the sum would come back with the roundings of the distance.
        if (!(loss < 1024))
        {
            for (int c = 0; c < classes; c++)
            {
                anchor = Double(row[c]) > Double(row[anchor]) ? c : anchor;
            }

            RowKernels<T>.Best!.CrossEntropy(row, null, 1, classes, &anchor, null, &loss, 1);
        }

        return loss + Double(row[anchor]);
    }

    private static double Double<T>(T value) => typeof(T) == typeof(float) ? (float)(object)value! : (double)(object)value!;
}
